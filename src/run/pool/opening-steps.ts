// The steps by which a stack opens, for the worker that waits for it: its test shows them as its own.
import type { Events, StampedEvent } from '../../events.ts';
import type { StepNotification } from '../../lease/protocol.ts';

export class OpeningSteps {
  readonly #open = new Set<string>();
  readonly #send: (notification: StepNotification) => void;

  /** @param signal the end of the run */
  constructor(
    events: Pick<Events, 'on'>,
    of: { readonly slot: number; readonly variant: string },
    signal: AbortSignal,
    send: (notification: StepNotification) => void,
  ) {
    this.#send = send;
    const stop = events.on((event) => this.#hear(event, of));
    signal.addEventListener('abort', stop, { once: true });
  }

  /** To a worker that has come since: what is under way. */
  repeat(): void {
    for (const step of this.#open) this.#send({ type: 'step', step, state: 'began' });
  }

  #hear(event: StampedEvent, { slot, variant }: { readonly slot: number; readonly variant: string }): void {
    if (event.type !== 'step-began' && event.type !== 'step-ended') return;
    const { step, stack } = event;
    if (stack?.slot !== slot || stack.variant !== variant) return;
    const state = event.type === 'step-began' ? 'began' : 'ended';
    if (state === 'began') this.#open.add(step);
    else this.#open.delete(step);
    this.#send({ type: 'step', step, state });
  }
}

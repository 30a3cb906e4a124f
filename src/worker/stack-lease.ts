// A worker's lease of its stack, with what the pool has last said of that stack.
import type { WorkerEvent } from '../events.ts';
import type { Lease } from '../lease/client.ts';
import type { KnownQuiet } from '../lease/learned-quiet.ts';
import type { Marks, Notification, Request, Response } from '../lease/protocol.ts';
import type { StackInfo } from '../lease/run-file.ts';
import { refusal } from './session-errors.ts';

export type Ready = Extract<Response, { type: 'ready' }>;

export class StackLease {
  readonly #lease: Lease;
  #ready: Ready;

  constructor(lease: Lease, ready: Ready) {
    this.#lease = lease;
    this.#ready = ready;
  }

  get ready(): Ready {
    return this.#ready;
  }

  get stack(): StackInfo {
    return this.#ready.stack;
  }

  get hasServerExited(): boolean {
    return this.#lease.hasServerExited;
  }

  /** What was said of a server that has ended since this was last asked. */
  takeServerExit(): string | undefined {
    return this.#lease.takeServerExit();
  }

  onQuiet(learn: (known: KnownQuiet) => void): void {
    this.#lease.onQuiet = learn;
  }

  notify(message: Notification): void {
    this.#lease.notify(message);
  }

  emit(event: WorkerEvent): void {
    this.notify({ type: 'event', event });
  }

  /** Throws what the pool says where there is no stack any more. */
  async request(request: Request): Promise<Ready> {
    const response = await this.#lease.request(request);
    if (response.type !== 'ready') throw refusal(response);
    return response;
  }

  /** Whatever has become of the run: who has a stack goes on with it. */
  async beginGroup(): Promise<void> {
    await this.#lease.request({ type: 'group' });
  }

  /** The stack is another one, or in another state, after what is asked for. */
  async renew(request: Request): Promise<Ready> {
    this.#ready = await this.request(request);
    return this.#ready;
  }

  /** The base of the databases has moved, and holds that many preludes. */
  moveBase(marks: Marks, preludes: number): void {
    const { rewindable } = this.#ready;
    this.#ready = { ...this.#ready, rewindable: { ...rewindable, applied: preludes, preludes: [] } };
    this.notify({ type: 'base', marks, preludes });
  }
}

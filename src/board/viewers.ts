// The pages that follow a run, by server-sent events. Each gets the whole model first, then what happens. One that does not
// read costs no more than one model: what it misses is not kept for it, and it gets the model anew when it reads again.
import type { ServerResponse } from 'node:http';
import type { StampedEvent } from '../events.ts';
import type { BoardMessage, BoardModel } from './board-model.ts';
import type { LiveFacts } from './live-facts.ts';

/** Milliseconds for which events are gathered: many may come at once, and a page draws no faster. */
const FLUSH_INTERVAL_MS = 100;
/** Characters that may wait for a viewer, beside its model. */
const MOST_WAITING = 2 * 2 ** 20;
/** Milliseconds after which a viewer that does not read is let go. */
const STALLED_TIMEOUT_MS = 30_000;

interface Viewer {
  readonly response: ServerResponse;
  /** Characters that may wait for it. */
  most: number;
  hasMissed: boolean;
  stalled: NodeJS.Timeout | undefined;
}

export class Viewers {
  readonly #model: () => BoardModel;
  readonly #viewers = new Set<Viewer>();
  #pending: StampedEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(model: () => BoardModel) {
    this.#model = model;
  }

  add(response: ServerResponse): void {
    this.#flush(); // It is in the model that the new one gets.
    const viewer: Viewer = { response, most: 0, hasMissed: false, stalled: undefined };
    this.#viewers.add(viewer);
    response.on('error', () => {}); // 'close' follows
    response.once('close', () => {
      clearTimeout(viewer.stalled);
      this.#viewers.delete(viewer);
    });
    response.on('drain', () => {
      clearTimeout(viewer.stalled);
      viewer.stalled = undefined;
      if (!viewer.hasMissed) return;
      this.#flush();
      this.#sendModel(viewer);
    });
    this.#sendModel(viewer);
  }

  get count(): number {
    return this.#viewers.size;
  }

  push(event: StampedEvent): void {
    if (this.#viewers.size === 0) return;
    this.#pending.push(event);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_INTERVAL_MS).unref();
  }

  /** To those that read: the next ones come soon. */
  sendFacts(facts: LiveFacts): void {
    this.#flush();
    const message = text({ type: 'facts', facts });
    for (const viewer of this.#viewers) if (!this.#misses(viewer)) send(viewer, message);
  }

  close(): void {
    this.#flush();
    for (const viewer of this.#viewers) {
      send(viewer, text({ type: 'end' }));
      viewer.response.end();
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    const events = text({ type: 'events', events: this.#pending });
    this.#pending = [];
    for (const viewer of this.#viewers) {
      if (this.#misses(viewer)) viewer.hasMissed = true;
      else send(viewer, events);
    }
  }

  /** It has too much to read already. */
  #misses({ response, most, hasMissed }: Viewer): boolean {
    return hasMissed || response.writableLength > most;
  }

  #sendModel(viewer: Viewer): void {
    const model = text({ type: 'model', model: this.#model() });
    viewer.most = model.length + MOST_WAITING;
    viewer.hasMissed = false;
    send(viewer, model);
  }
}

function send(viewer: Viewer, message: string): void {
  if (viewer.response.write(message)) return;
  viewer.stalled ??= setTimeout(() => viewer.response.destroy(), STALLED_TIMEOUT_MS).unref();
}

/** JSON has no line ends of its own. */
function text(message: BoardMessage): string {
  return `data: ${JSON.stringify(message)}\n\n`;
}

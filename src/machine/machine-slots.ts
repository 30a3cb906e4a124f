// The slots of the machine that a run has: one for each group of tests that it runs. As long as no other run is there, it
// takes them without asking; else the run that counts them says when. Where that one does not answer, it goes on with its share.

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { sendMessage } from '../json-lines.ts';
import { growing } from '../wait.ts';
import { count, meet, meetingFolder } from './meeting-place.ts';
import { ensureOwnFolder } from './own-folder.ts';
import type { RunInfo, RunSlots } from './slot-table.ts';
import type { SlotCommand, SlotReply } from './wire.ts';

/** Milliseconds after which a slot is taken all the same: tests of one run may wait for each other. */
export const LONGEST_WAIT_MS = 600_000;

/** Milliseconds between two signs of life that are asked for while a group waits. */
const LOOK_INTERVAL_MS = 1_000;
/** That may stay unanswered: then it is not waited for. */
const MOST_UNANSWERED = 3;
/** Milliseconds after which it is said that nobody answers. */
const UNMET_AFTER_MS = 5_000;
const UNANSWERED =
  'the run that counts the slots does not answer: it is stopped, or another user has taken its name (`grep playwright-stacks-slots /proc/net/unix`)';
const PAUSE = growing(20, 2_000, 0.5);

export interface Wait {
  /** Its group must not wait: whoever has what others wait for would wait for them. */
  readonly mustNotWait?: boolean;
  /** Called when it has to wait, with those that have slots. */
  readonly onWait?: ((runs: readonly RunSlots[]) => void) | undefined;
}

/** A slot that is held, or waited for. */
export interface MachineSlot {
  /** Settles when it is held. */
  readonly taken: Promise<void>;
  /** It is needed no more, or not waited for any more. */
  giveBack(): void;
}

interface Waiting extends Wait {
  readonly since: number;
  grant(): void;
}

export class MachineSlots {
  readonly #info: RunInfo;
  readonly #folder: string;
  readonly #held = new Set<number>();
  /** In the order in which they asked. */
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #socket: Socket | undefined;
  /** How many runs share the machine, this one among them: as was heard last. */
  #live = 0;
  #looking: NodeJS.Timeout | undefined;
  #unanswered = 0;
  #stopCounting: (() => Promise<void>) | undefined;
  #meeting: Promise<void> | undefined;
  #settleMet: (why: string | undefined) => void = () => {};
  /** Settles when the run has met the others; or with why it knows of none. */
  readonly met: Promise<string | undefined> = new Promise((resolve) => {
    this.#settleMet = resolve;
  });
  readonly #closed = new AbortController();

  constructor(info: RunInfo, folder: string = meetingFolder()) {
    this.#info = info;
    this.#folder = folder;
  }

  /** Finds the others. Nothing waits for it, and nothing fails for it: until it has, the run is not limited. */
  join(): void {
    this.#meeting ??= this.#meet().catch((error) => this.#goAlone(messageOf(error)));
  }

  /** How many the machine has. */
  get size(): number {
    return this.#info.slots;
  }

  /** Whether other runs are known to have tests to run. */
  get isShared(): boolean {
    return this.#live > 1;
  }

  take({ mustNotWait = false, onWait }: Wait = {}): MachineSlot {
    const id = ++this.#asked;
    const giveBack = () => this.#giveBack(id);
    const hasNone = this.#held.size + this.#waiting.size === 0;
    if (mustNotWait || !this.isShared || hasNone) {
      this.#hold(id);
      return { taken: Promise.resolve(), giveBack };
    }
    const taken = new Promise<void>((grant) => this.#waiting.set(id, { since: performance.now(), onWait, grant }));
    this.#send({ type: 'ask', id });
    this.#looking ??= setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
    if (this.#isUnheard) this.#goOn();
    return { taken, giveBack };
  }

  /** Others get what it has. */
  async close(): Promise<void> {
    this.#closed.abort();
    clearInterval(this.#looking);
    this.#socket?.destroy();
    await this.#meeting;
    await this.#stopCounting?.();
  }

  async #meet(): Promise<void> {
    const { signal } = this.#closed;
    const began = performance.now();
    while (!signal.aborted) {
      const unusable = ensureOwnFolder(this.#folder);
      if (unusable) return this.#goAlone(`${this.#folder} cannot be used: ${unusable.why}`);
      const socket = await meet(this.#folder, (reply) => this.#receive(reply));
      if (socket) return this.#join(socket);
      this.#stopCounting ??= await count(this.#folder, this.#live > 0 ? 'another' : 'nobody');
      if (this.#stopCounting) continue;
      const elapsed = performance.now() - began;
      if (elapsed > UNMET_AFTER_MS) this.#settleMet(UNANSWERED);
      await delay(PAUSE(elapsed), undefined, { signal, ref: false }).catch(() => {}); // it has closed
    }
  }

  /** It cannot find the others, or not again. */
  #goAlone(why: string): void {
    this.#settleMet(why);
    this.#live = 0;
    for (const [id] of this.#waiting) this.#hold(id);
  }

  #join(socket: Socket): void {
    this.#socket = socket;
    this.#unanswered = 0;
    socket.once('close', () => {
      this.#socket = undefined;
      if (this.#closed.signal.aborted) return;
      this.#meeting = undefined;
      this.join();
    });
    if (this.#closed.signal.aborted) socket.destroy();
    this.#settleMet(undefined);
    this.#send({ type: 'join', info: this.#info, held: [...this.#held], waiting: [...this.#waiting.keys()] });
  }

  #receive(reply: SlotReply): void {
    this.#unanswered = 0;
    if (reply.type === 'live') this.#live = reply.runs;
    if (reply.type === 'granted') this.#granted(reply.id);
    if (reply.type === 'waits') this.#waiting.get(reply.id)?.onWait?.(reply.runs);
    if (reply.type === 'ping') this.#send({ type: 'pong' });
  }

  #granted(id: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return; // Given back in the meantime, and that was said.
    this.#waiting.delete(id);
    this.#held.add(id);
    waiting.grant();
  }

  /** Without asking. */
  #hold(id: number): void {
    this.#send({ type: 'hold', id });
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#held.add(id);
    waiting?.grant();
  }

  #giveBack(id: number): void {
    const wasHeld = this.#held.delete(id);
    const wasMine = this.#waiting.delete(id) || wasHeld;
    // A run always has one, whether whoever counts answers or not. Said first: it is not granted another one for this.
    const [first] = this.#waiting.keys();
    if (this.#held.size === 0 && first !== undefined) this.#hold(first);
    if (wasMine) this.#send({ type: 'give-back', id });
    if (this.#isUnheard) this.#goOn();
  }

  /** While a group waits: whether whoever counts still does, and whether it has waited long enough. */
  #look(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
      return;
    }
    this.#unanswered += 1;
    this.#send({ type: 'ping' });
    if (this.#isUnheard) this.#goOn();
    for (const [id, { since }] of this.#waiting) if (performance.now() - since > LONGEST_WAIT_MS) this.#hold(id);
  }

  get #isUnheard(): boolean {
    return this.#unanswered > MOST_UNANSWERED;
  }

  /** With its share of what was there when it last heard of the others. */
  #goOn(): void {
    const share = Math.max(1, Math.floor(this.#info.slots / Math.max(1, this.#live)));
    for (const [id] of this.#waiting) if (this.#held.size < share) this.#hold(id);
  }

  #send(command: SlotCommand): void {
    if (this.#socket) sendMessage(this.#socket, command);
  }
}

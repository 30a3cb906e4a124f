// The run's relay, as the runner knows it: a process of its own, so that what goes through it costs the runner nothing. It ends
// with the runner, whose pipe it reads.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { runMark } from '../environment.ts';
import { onMessage, sendMessage } from '../json-lines.ts';
import { within } from '../wait.ts';
import type { GateTarget } from './gate.ts';
import type { RelayAnswer, RelayMessage, RelayRequest } from './wire.ts';

/** Milliseconds within which it answers whatever it is asked. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Somebody may stop it, and everything that goes through it. */
const CONTINUE_INTERVAL_MS = 500;

interface Pending {
  resolve(answer: RelayAnswer): void;
  reject(error: Error): void;
}

export class Relay {
  readonly pid: number;
  /** Settles with why when it has ended without being asked to. */
  readonly lost: Promise<string>;
  /** Settles when it has ended, however it has. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #onWaiting = new Map<number, () => void>();
  #ids = 0;
  #state: 'serves' | 'closes' | 'gone' = 'serves';

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    let lose: (why: string) => void = () => {};
    this.lost = new Promise((resolve) => {
      lose = resolve;
    });
    const timer = setInterval(() => child.kill('SIGCONT'), CONTINUE_INTERVAL_MS).unref();
    this.ended = once(child, 'exit').then(([code, signal]) => {
      clearInterval(timer);
      const isAsked = this.#state === 'closes';
      this.#state = 'gone';
      const why = `the process between the servers and Postgres ended with ${signal ?? `code ${code}`}`;
      for (const pending of this.#pending.values()) pending.reject(new Error(why));
      if (!isAsked) lose(why);
    });
    child.stdin?.on('error', () => {}); // 'exit' follows
    const output = child.stdout as Socket;
    onMessage<RelayMessage>(output, (message) => this.#receive(message));
    // It must not hold up the runner's end: that is what it waits for.
    child.unref();
    output.unref();
  }

  /** @param program the compiled relay-main */
  static async start(program: string = fileURLToPath(new URL('./relay-main.js', import.meta.url))): Promise<Relay> {
    const child = spawn(process.execPath, [program], {
      cwd: '/',
      detached: true,
      env: { PATH: process.env.PATH, ...runMark() },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(child, 'spawn');
    return new Relay(child);
  }

  /** Returns the gate's port. @param onWaiting called when a first connection waits at it */
  async gate(target: GateTarget, state: 'held' | 'open', onWaiting: () => void = () => {}): Promise<number> {
    const { port = 0 } = await this.ask({ type: 'gate', ...target, state });
    this.#onWaiting.set(port, onWaiting);
    return port;
  }

  async closeGate(gate: number): Promise<void> {
    this.#onWaiting.delete(gate);
    await this.ask({ type: 'close-gate', gate });
  }

  /** Rejects where it cannot be done, or the relay is gone. */
  ask(request: RelayRequest): Promise<RelayAnswer> {
    if (this.#state !== 'serves')
      return Promise.reject(new Error('the process between the servers and Postgres is gone'));
    this.#ids += 1;
    const id = this.#ids;
    const answered = new Promise<RelayAnswer>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      sendMessage(this.#child.stdin as Socket, { id, ...request });
    });
    return within(ANSWER_TIMEOUT_MS, request.type, () => answered).finally(() => this.#pending.delete(id));
  }

  async close(): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'closes';
    this.#child.ref();
    this.#child.kill('SIGCONT'); // Somebody may have stopped it.
    this.#child.stdin?.end();
    await within(ANSWER_TIMEOUT_MS, 'the relay', () => this.ended).catch(() => this.#child.kill('SIGKILL'));
  }

  #receive(message: RelayMessage): void {
    if ('waiting' in message) this.#onWaiting.get(message.waiting)?.();
    else if ('error' in message) this.#pending.get(message.id)?.reject(new Error(message.error));
    else this.#pending.get(message.id)?.resolve(message.answer);
  }
}

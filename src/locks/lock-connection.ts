// A worker's connection to the lock service, which it starts where there is none.
import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { StacksError } from '../errors.ts';
import { onMessage, sendMessage } from '../json-lines.ts';
import { ensureLockFolder, lockSocket } from './lock-folder.ts';
import type { LockCommand, LockReply } from './wire.ts';

type Ask = Omit<Extract<LockCommand, { type: 'ask' }>, 'id' | 'type'>;
/** `dropped`: its owner has ended in the meantime. */
export type Answer = Exclude<LockReply, { type: 'hello' }> | { readonly type: 'dropped' };

interface Waiting {
  readonly owner: string;
  settle(answer: Answer | Error): void;
}

const START_TIMEOUT_MS = 15_000;
/** Beside the service's own deadline: one that is stopped answers nothing. */
const ANSWER_TIMEOUT_MS = 10_000;
const PAUSE_MS = 20;
/** With more, a timer of Node's fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class LockConnection {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #isLost = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => this.#lose());
  }

  /** Throws LOCK_UNAVAILABLE. */
  static async open(folder: string): Promise<LockConnection> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (let attempt = 0; Date.now() < deadline; attempt++) {
      ensureLockFolder(folder);
      const connection = await LockConnection.#greeted(folder, deadline);
      if (connection) return connection;
      if (attempt % 50 === 0) startService(folder);
      await delay(PAUSE_MS);
    }
    throw new StacksError('LOCK_UNAVAILABLE', `the lock service did not start within ${START_TIMEOUT_MS} ms.`, {
      facts: { socket: lockSocket(folder) },
      hint: 'the machine is overloaded, a process of this user that was stopped is the service (`ps -ef | grep lock-service-main`), or another user has taken its name (`grep playwright-stacks-locks /proc/net/unix`).',
    });
  }

  /** The connection was lost: what it held may be another's now. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Resolves when the lock is held, was not free in time, or would have closed a circle. */
  ask(request: Ask): Promise<Answer> {
    if (this.#isLost) return Promise.reject(lost());
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const answerTimeout = Math.min(request.timeout + ANSWER_TIMEOUT_MS, LONGEST_TIMER_MS);
      const timer = setTimeout(() => this.#socket.destroy(), answerTimeout);
      const settle = (answer: Answer | Error) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      this.#waiting.set(id, { owner: request.owner, settle });
      this.#send({ ...request, type: 'ask', id });
    });
  }

  release(owner: string, name: string): void {
    this.#send({ type: 'release', owner, name });
  }

  /** All that the owner holds; what it waits for is answered with `dropped`. */
  releaseAll(owner: string): void {
    this.#send({ type: 'release-all', owner });
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.owner === owner) waiting.settle({ type: 'dropped' });
    }
  }

  #send(command: LockCommand): void {
    sendMessage(this.#socket, command);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Undefined: nobody listens, or it was about to end. */
  static async #greeted(folder: string, deadline: number): Promise<LockConnection | undefined> {
    // It must not keep a worker alive that Playwright wants to end.
    const socket = connect(lockSocket(folder)).unref();
    const connection = new LockConnection(socket);
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), Math.max(0, deadline - Date.now()));
      socket.once('close', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
      onMessage<LockReply>(socket, (reply) => {
        if (reply.type !== 'hello') return connection.#waiting.get(reply.id)?.settle(reply);
        clearTimeout(timer);
        resolve(connection);
      });
    });
  }

  #lose(): void {
    this.#isLost = true;
    for (const { settle } of [...this.#waiting.values()]) settle(lost());
  }
}

/** Outlives this worker, and this run where another one uses it: so it has neither our session nor our environment. */
function startService(folder: string): void {
  const program = fileURLToPath(new URL('./lock-service-main.js', import.meta.url));
  const child = spawn(process.execPath, [program, folder], { cwd: '/', detached: true, env: {}, stdio: 'ignore' });
  child.on('error', () => {}); // the deadline says it
  child.unref();
}

function lost(): StacksError {
  return new StacksError('LOCK_LOST', 'the connection to the lock service was lost.', {
    hint: 'its process (lock-service-main.js) was killed; what it held may have been taken by another test in the meantime.',
  });
}

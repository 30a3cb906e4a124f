// The worker's end of a lease.
import { connect, type Socket } from 'node:net';
import { StacksError } from '../errors.ts';
import { onMessage } from '../json-lines.ts';
import type { KnownQuiet } from './learned-quiet.ts';
import {
  type Notification,
  type Request,
  type Response,
  type ServerNotification,
  type StepNotification,
  send,
} from './protocol.ts';
import type { RunFile } from './run-file.ts';

/** Who shows what a worker waits for. */
export interface StepListener {
  on(step: StepNotification): void;
  /** It has waited long enough. */
  end(): void;
}

/** A worker's claim on a stack. It ends when this process does, however that happens. */
export class Lease {
  readonly #socket: Socket;
  readonly #timeout: number;
  #waiting: ((response: Response | Error) => void) | undefined;
  #lost: StacksError | undefined;
  #serverExit: string | undefined;
  /** Called with what another worker has learned of the application's late writes. */
  onQuiet: (known: KnownQuiet) => void = () => {};
  readonly #steps: StepListener | undefined;

  private constructor(socket: Socket, timeout: number, steps: StepListener | undefined) {
    this.#socket = socket;
    this.#timeout = timeout;
    this.#steps = steps;
    onMessage<Response | ServerNotification>(socket, (message) => {
      if (message.type === 'server-exited') this.#serverExit ??= message.message;
      else if (message.type === 'quiet') this.onQuiet(message.known);
      else if (message.type !== 'step') this.#settle(message);
      else if (this.#waiting) this.#steps?.on(message);
    });
    socket.on('error', (cause) => this.#lose(lost(cause)));
    socket.on('close', () => this.#lose(lost(undefined)));
  }

  /** Asks for the stack and waits until it is open. The response may be that it cannot be. */
  static async take(
    { socket: path, leaseTimeout }: RunFile,
    claim: { slot: number; variant: string; worker: number; project: string },
    steps?: StepListener,
  ): Promise<{ lease: Lease; response: Response }> {
    // The connection must not keep a worker alive that Playwright wants to end.
    const socket = connect(path).unref();
    const lease = new Lease(socket, leaseTimeout, steps);
    return { lease, response: await lease.request({ type: 'lease', ...claim }) };
  }

  /** One request at a time. Rejects with STACK_NOT_LEASED when the pool is gone. */
  request(request: Request): Promise<Response> {
    if (this.#lost) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#lose(timedOut(this.#timeout));
        this.#socket.destroy();
      }, this.#timeout);
      this.#waiting = (response) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        if (response instanceof Error) reject(response);
        else resolve(response);
        this.#steps?.end();
      };
      send(this.#socket, request);
    });
  }

  notify(message: Notification): void {
    if (this.#socket.writable) send(this.#socket, message);
  }

  get hasServerExited(): boolean {
    return this.#serverExit !== undefined;
  }

  /** What was said of a server that has ended since this was last asked. */
  takeServerExit(): string | undefined {
    const exit = this.#serverExit;
    this.#serverExit = undefined;
    return exit;
  }

  /** The first cause stays: there is no lease any more. */
  #lose(cause: StacksError): void {
    this.#lost ??= cause;
    this.#settle(this.#lost);
  }

  #settle(response: Response | Error): void {
    this.#waiting?.(response);
  }
}

function lost(cause: Error | undefined): StacksError {
  return new StacksError('STACK_NOT_LEASED', 'the connection to the pool in Playwright’s runner was lost.', {
    hint: 'the run has ended, or the runner was killed; what came before in the output says why.',
    cause,
  });
}

function timedOut(timeout: number): StacksError {
  return new StacksError('STACK_NOT_LEASED', `the pool did not answer within ${timeout} ms.`, {
    hint: 'Playwright’s runner process is stopped or overloaded; try fewer workers.',
  });
}

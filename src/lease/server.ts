// The runner's end of the leases: a Unix socket, a connection a worker. A connection is bound to one pooled stack, which
// answers it from then on.
import { createServer, type Server, type Socket } from 'node:net';
import { onMessage } from '../json-lines.ts';
import { within } from '../wait.ts';
import {
  type Notification,
  type Request,
  type Response,
  type ServerNotification,
  send,
  type WorkerMessage,
} from './protocol.ts';

/** What a worker asks for. */
export interface Claim {
  readonly slot: number;
  readonly variant: string;
  readonly worker: number;
  readonly project: string;
}

/** A worker's connection, as the stack that it is bound to sees it. */
export interface Lease extends Claim {
  /** Settles when the worker has let go, or its process has ended. */
  readonly closed: Promise<void>;
  send(message: Response | ServerNotification): void;
  /** Takes the stack away from a worker that does not let go. */
  end(): void;
}

/** What a worker asks of its stack once it has it. */
export type StackMessage = Exclude<Request, { type: 'lease' }> | Notification;

/** A stack that one worker holds at a time. */
export interface Leasable {
  /** Binds the stack to `lease`, when the one before has ended, and answers. */
  bind(lease: Lease): Promise<void>;
  receive(lease: Lease, message: StackMessage): void;
}

export interface LeasableStacks {
  find(claim: Claim): Promise<Leasable>;
  /** The response where it could not be found. */
  refuse(error: unknown, claim: Claim): Response;
}

export class LeaseServer {
  readonly #stacks: LeasableStacks;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(stacks: LeasableStacks) {
    this.#stacks = stacks;
    // Playwright may end its process while a worker is still connected: that must not hold it up.
    this.#server = createServer((socket) => this.#serve(socket)).unref();
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
  }

  /** Takes no new worker; waits until none is connected any more, at most `timeout` ms, and ends what is left. */
  async close(timeout: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await within(timeout, 'open leases', () => closed).catch(() => {
      for (const socket of this.#sockets) socket.destroy(); // A worker in a long teardown; its stack goes all the same.
    });
    await closed;
  }

  #serve(socket: Socket): void {
    socket.unref();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {}); // A worker that was killed; 'close' follows and frees its stack.
    let receive: (message: StackMessage) => void = () => {};
    onMessage<WorkerMessage>(socket, (message) => {
      if (message.type !== 'lease') return receive(message);
      const lease = leaseOf(socket, message);
      // The worker asks nothing more before it has a response.
      this.#stacks.find(lease).then(
        (stack) => {
          receive = (next) => stack.receive(lease, next);
          return stack.bind(lease);
        },
        (error) => lease.send(this.#stacks.refuse(error, lease)),
      );
    });
  }
}

function leaseOf(socket: Socket, { slot, variant, worker, project }: Claim): Lease {
  return {
    ...{ slot, variant, worker, project },
    closed: new Promise<void>((resolve) => socket.once('close', () => resolve())),
    send: (message) => {
      if (socket.writable) send(socket, message);
    },
    end: () => socket.destroy(),
  };
}

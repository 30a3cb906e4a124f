// Counts the slots of the machine for all runs of a user, in the runner of one of them. What a run holds is free when its
// connection closes, however it ended. Where the run that counts ends, another one does it, and the others say anew what they have.
import { createServer, type Socket } from 'node:net';
import { onMessage, sendMessage } from '../json-lines.ts';
import { Party, SlotTable } from './slot-table.ts';
import type { SlotCommand, SlotReply } from './wire.ts';

/** Milliseconds that runs get to say what they had from the run that counted before. */
const JOIN_TIMEOUT_MS = 1_000;
/** Milliseconds that a run counts after it had a slot: between two groups, and while a worker is replaced. */
const LINGER_MS = 2_000;
/** Milliseconds between two looks whether those that hold slots are alive, while others wait. */
const LOOK_INTERVAL_MS = 1_000;
/** Looks that a run may leave unanswered: its runner may be busy. */
const MOST_UNANSWERED = 5;

interface Member {
  readonly party: Party;
  readonly socket: Socket;
  /** Runs while it has no slot, and still counts. */
  linger: NodeJS.Timeout | undefined;
  unanswered: number;
}

export interface SlotService {
  /** Its own socket is removed; whoever is connected looks for the next one. */
  close(): Promise<void>;
}

/**
 * Listens on `path`, where nothing is.
 * @param after whether another run counted before: those that it has counted are to say what they have
 */
export async function serveSlots(path: string, after: 'nobody' | 'another'): Promise<SlotService> {
  const members = new Members(after);
  const sockets = new Set<Socket>();
  // The runner ends when Playwright does.
  const server = createServer((socket) => {
    socket.unref();
    sockets.add(socket);
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => sockets.delete(socket));
    members.serve(socket);
  }).unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.on('error', () => {}); // of a connection that could not be taken
      resolve();
    });
  });
  return {
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      members.close();
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

class Members {
  readonly #table = new SlotTable();
  readonly #members = new Set<Member>();
  #looking: NodeJS.Timeout | undefined;
  #live = 0;
  #joining: NodeJS.Timeout | undefined;

  constructor(after: 'nobody' | 'another') {
    if (after === 'nobody') return;
    const complete = this.#table.awaitOthers();
    this.#joining = setTimeout(() => {
      this.#joining = undefined;
      complete();
      this.#changed();
    }, JOIN_TIMEOUT_MS).unref();
  }

  serve(socket: Socket): void {
    let member: Member | undefined;
    onMessage<SlotCommand>(socket, (command) => {
      if (command.type === 'look') reply(socket, { type: 'runs', runs: this.#table.runs() });
      else if (command.type === 'join') member = this.#join(socket, command);
      else if (member) this.#receive(member, command);
    });
    reply(socket, { type: 'hello' });
  }

  #join(socket: Socket, { info, held, waiting }: Extract<SlotCommand, { type: 'join' }>): Member {
    const party = new Party(info, (id) => reply(socket, { type: 'granted', id }));
    const member: Member = { party, socket, linger: undefined, unanswered: 0 };
    this.#members.add(member);
    this.#table.join(party);
    socket.once('close', () => this.#leave(member));
    if (!this.#joining) reply(socket, { type: 'live', runs: this.#live });
    for (const id of held) this.#table.hold(party, id);
    this.#count(member, waiting.length > 0);
    for (const id of waiting) this.#ask(member, id);
    return member;
  }

  #receive(member: Member, command: SlotCommand): void {
    member.unanswered = 0;
    if (member.party.isSilent) {
      member.party.isSilent = false;
      this.#changed();
    }
    if (command.type === 'ping') reply(member.socket, { type: 'pong' });
    if (command.type === 'ask') {
      this.#count(member, true);
      this.#ask(member, command.id);
    }
    if (command.type !== 'hold' && command.type !== 'give-back') return;
    if (command.type === 'hold') this.#table.hold(member.party, command.id);
    else this.#table.giveBack(member.party, command.id);
    this.#count(member);
  }

  #ask({ party, socket }: Member, id: number): void {
    if (this.#table.ask(party, id)) reply(socket, { type: 'waits', id, runs: this.#table.runs() });
    if (this.#table.isAnyWaiting) this.#looking ??= setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  }

  #leave(member: Member): void {
    clearTimeout(member.linger);
    this.#members.delete(member);
    this.#table.leave(member.party);
    this.#changed();
  }

  /** Whether it counts. */
  #count(member: Member, asks = false): void {
    const { party } = member;
    const isBusy = asks || party.held.size > 0 || this.#table.isWaiting(party);
    if (isBusy) {
      clearTimeout(member.linger);
      member.linger = undefined;
    }
    if (isBusy === party.isLive) return;
    if (isBusy) party.isLive = true;
    else member.linger ??= setTimeout(() => this.#rest(member), LINGER_MS).unref();
    this.#changed();
  }

  #rest(member: Member): void {
    member.linger = undefined;
    member.party.isLive = false;
    this.#changed();
  }

  /** Says how many share the machine, and grants what that makes free. */
  #changed(): void {
    if (!this.#joining && this.#table.live !== this.#live) {
      this.#live = this.#table.live;
      for (const { socket } of this.#members) reply(socket, { type: 'live', runs: this.#live });
    }
    this.#table.pass();
  }

  #look(): void {
    if (!this.#table.isAnyWaiting) {
      clearInterval(this.#looking);
      this.#looking = undefined;
      return;
    }
    // Counted, and not timed: this process may have been stopped itself.
    for (const member of this.#members) {
      member.unanswered += 1;
      member.party.isSilent = member.unanswered > MOST_UNANSWERED;
      reply(member.socket, { type: 'ping' });
    }
    this.#changed();
  }

  close(): void {
    clearInterval(this.#looking);
    clearTimeout(this.#joining);
    for (const { linger } of this.#members) clearTimeout(linger);
  }
}

function reply(socket: Socket, message: SlotReply): void {
  sendMessage(socket, message);
}

// Ports for servers: below the ephemeral range, so that no outgoing connection takes one, and held for as long as this
// process lives by a UDP socket on the same number, which no second run can bind.
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import getPort from 'get-port';
import { StacksError } from '../errors.ts';

export interface ReservedPort {
  readonly port: number;
  /** Gives the number back; idempotent. */
  release(): Promise<void>;
}

const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Finds a free TCP port that no other run of ours has, and reserves it until `release()` or the end of this process. */
export async function reservePort({ taken = [] }: { taken?: Iterable<number> } = {}): Promise<ReservedPort> {
  const exclude = new Set(taken);
  const candidates = candidatePorts();
  for (;;) {
    const port = await getPort({ port: candidates, exclude });
    // get-port falls back to an ephemeral port when it has tried all.
    if (port < LOWEST || port > HIGHEST) break;
    const holder = await holdPort(port);
    if (holder) return { port, release: once(() => new Promise<void>((resolve) => holder.close(resolve))) };
    exclude.add(port);
  }
  throw new StacksError('PORT_TAKEN', `no port is free between ${LOWEST} and ${HIGHEST}.`, {
    hint: 'end the runs or servers that hold them: `ss -ltnp` lists them.',
  });
}

/** From a random place on, so that runs that start at once seldom try the same. */
function candidatePorts(): number[] {
  const below = Math.min(HIGHEST, lowestEphemeralPort() - 1);
  // Some machines make nearly all ports ephemeral; there is nothing below then.
  const count = (below > LOWEST + 1_000 ? below : HIGHEST) - LOWEST + 1;
  const start = Math.floor(Math.random() * count);
  return Array.from({ length: count }, (_, index) => LOWEST + ((start + index) % count));
}

function lowestEphemeralPort(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  } catch {
    return 49_152; // Not Linux: IANA's range, which macOS has.
  }
}

/** Undefined: another process holds it. */
function holdPort(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      socket.unref();
      resolve(socket);
    });
  });
}

function once<T>(work: () => T): () => T {
  let result: { value: T } | undefined;
  return () => {
    result ??= { value: work() };
    return result.value;
  };
}

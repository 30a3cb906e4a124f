import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { reservePort } from './ports.ts';

async function bindUdp(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind({ port, address: '127.0.0.1', exclusive: true });
  await once(socket, 'listening');
  return socket;
}

/** All ports but these. */
function allBut(...ports: readonly number[]): number[] {
  return Array.from({ length: 12_001 }, (_, index) => 20_000 + index).filter((port) => !ports.includes(port));
}

test('reserved ports differ and lie below the ephemeral range', async () => {
  const reserved = await Promise.all(Array.from({ length: 8 }, () => reservePort()));
  const ports = reserved.map(({ port }) => port);
  expect(new Set(ports).size).toBe(8);
  if (process.platform === 'linux') {
    const lowest = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
    if (lowest > 21_000) expect(Math.max(...ports)).toBeLessThan(lowest);
  }
  await Promise.all(reserved.map(({ release }) => release()));
});

test('a port that another run has reserved is passed over', async () => {
  // get-port gives no number twice in a while, so we ask for neighbours of one that it gave out.
  const first = await reservePort();
  const step = first.port > 31_000 ? -1 : 1;
  const neighbours = [1, 2, 3, 4, 5].map((distance) => first.port + step * distance);
  const held = await bindUdp(first.port + step).catch(() => undefined); // Held by another already: as well.
  const next = await reservePort({ taken: allBut(...neighbours) });
  expect(neighbours.slice(1)).toContain(next.port);
  await Promise.all([first.release(), next.release()]);
  held?.close();
});

test('release gives the number back, once', async () => {
  const reserved = await reservePort();
  await expect(bindUdp(reserved.port)).rejects.toThrow('EADDRINUSE');
  await Promise.all([reserved.release(), reserved.release()]);
  await reserved.release();
  const socket = await bindUdp(reserved.port);
  socket.close();
});

test('with no port left the error says so', async () => {
  await expect(reservePort({ taken: allBut() })).rejects.toThrow(
    'PORT_TAKEN: no port is free between 20000 and 32000.\n  hint: end the runs or servers that hold them: `ss -ltnp` lists them.',
  );
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { connectionsOf } from './connections.ts';
import { parseTcpTable, tcpSockets } from './sockets.ts';

const ourselves = () => connectionsOf([{ pid: process.pid }]);

/** Listens in a process of its own, as a database does. */
async function listen(host: string): Promise<{ port: number; end: () => void }> {
  const program = `
    const server = require('net').createServer(() => {}).listen(0, '${host}', () => process.stdout.write(String(server.address().port)));
  `;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { port: Number(line), end: () => child.kill() };
}

/** A connection of this process to itself. */
async function withItself() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  return { server, port, socket, accepted };
}

for (const host of ['127.0.0.1', '::1']) {
  test(`a connection to ${host} is found with both of its ports, and gone when it is closed`, async () => {
    const { port, end } = await listen(host);
    const socket = connect(port, host);
    await once(socket, 'connect');
    const localPort = socket.localPort ?? 0;
    const found = () => ourselves().filter((each) => each.port === port);
    expect(found()).toEqual([{ pid: process.pid, localPort, address: host, port }]);
    socket.destroy();
    await once(socket, 'close');
    await expect.poll(found).toEqual([]);
    end();
  });
}

test('what a process accepts, and what it has with itself, is no connection to others', async () => {
  const { server, port, socket, accepted } = await withItself();
  expect(ourselves().filter((each) => each.port === port || each.localPort === port)).toEqual([]);
  accepted.destroy();
  socket.destroy();
  server.close();
});

test('what is over is left out, and of some ports both sides are found', async () => {
  const { server, port, socket, accepted } = await withItself();
  const { localPort } = socket;
  const found = () =>
    tcpSockets('self', [port]).map((each) => [each.state, each.localPort === port ? 'ours' : each.localPort].join(' '));
  expect(found().sort()).toEqual([`established ${localPort}`, 'established ours', 'listening ours']);
  expect(tcpSockets().filter((each) => each.localPort === port || each.remotePort === port)).toHaveLength(3);
  accepted.end();
  await Promise.all([once(accepted, 'close'), once(socket.resume(), 'close')]);
  await expect.poll(found).toEqual(['listening ours']);
  const own = port.toString(16).toUpperCase().padStart(4, '0');
  expect(readFileSync('/proc/net/tcp', 'utf8')).toMatch(new RegExp(`:${own} \\S+ 06 `));
  server.close();
});

test('addresses of the kernel’s tables are read', () => {
  const line = (local: string, remote: string, state: string) =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000 20 4 30 10 -1`;
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    line('0100007F:1F90', '00000000:0000', '0A'),
    line('B80D0120000000000000000001000000:C350', '00000000000000000000000001000000:1538', '01'),
    line('0000000000000000FFFF00000A00A8C0:C351', '0000000000000000FFFF00000101A8C0:1538', '06'),
    '',
  ].join('\n');
  expect(parseTcpTable(table)).toEqual([
    { ...socket('127.0.0.1', 8080, '0.0.0.0', 0), state: 'listening' },
    { ...socket('2001:db8::1', 50000, '::1', 5432), state: 'established' },
    { ...socket('192.168.0.10', 50001, '192.168.1.1', 5432), state: 'other' },
  ]);
});

function socket(localAddress: string, localPort: number, remoteAddress: string, remotePort: number) {
  return { localAddress, localPort, remoteAddress, remotePort, inode: '4711' };
}

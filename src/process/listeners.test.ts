import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, test } from '@playwright/test';
import { listenersOn, ownerOf } from './listeners.ts';
import { listProcesses } from './processes.ts';

async function listen(host: string | undefined, port = 0): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const ourselves = () => listProcesses().filter(({ pid }) => pid === process.pid);

for (const host of ['127.0.0.1', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1', undefined]) {
  test(`a listener on ${host ?? 'no address in particular'} is found with its process`, async () => {
    const server = await listen(host);
    const port = portOf(server);
    expect(listenersOn(port)).toEqual([{ port, pid: process.pid }]);
    expect(ownerOf(port, ourselves())).toEqual({ kind: 'ours' });
    expect(ownerOf(port, [])).toEqual({ kind: 'stranger', listener: { port, pid: process.pid } });
    server.close();
    await once(server, 'close');
    expect(ownerOf(port, ourselves())).toEqual({ kind: 'nobody' });
  });
}

test('a listener that localhost does not reach is none', async () => {
  const outer = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const address = outer.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  test.skip(address === undefined, 'this machine has but its loopback interface');
  const server = await listen(address);
  expect(listenersOn(portOf(server))).toEqual([]);
  server.close();
});

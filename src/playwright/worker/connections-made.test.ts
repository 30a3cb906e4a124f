import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { expect, test } from '@playwright/test';
import type { StackInfo } from '../../lease/run-file.ts';
import { newConnections, watchConnections } from './connections-made.ts';

test('a connection that code in this process has made is told once, also when it has ended; those to app servers are not', async () => {
  watchConnections();
  const servers = [createServer(), createServer(), createServer(), createServer()];
  const [other, own, development, postgres] = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      return typeof address === 'object' && address ? address.port : 0;
    }),
  );
  const open: Socket[] = [];
  const connect = async (port = 0): Promise<Socket> => {
    const socket = new Socket(); // As node-postgres does it.
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    open.push(socket);
    return socket;
  };
  (await connect(other)).destroy();
  await connect(own);
  await connect(development);
  const { localPort } = await connect(postgres);
  const stack = {
    servers: { web: `http://localhost:${own}` },
    databaseUrl: `postgres://me@127.0.0.1:${postgres}/stk`,
  } as unknown as StackInfo;
  const made = await newConnections(stack, [String(development), undefined]);
  const expected = [
    { address: '127.0.0.1', port: other, localPort: 0 },
    { address: '127.0.0.1', port: postgres, localPort: 0 },
    { address: '127.0.0.1', port: postgres, localPort },
  ];
  expect(made.filter(({ port }) => port === other || port === postgres)).toEqual(expected);
  expect(made.map(({ port }) => port)).not.toContain(own);
  expect(made.map(({ port }) => port)).not.toContain(development);
  expect(await newConnections(stack, [])).toEqual([{ address: '127.0.0.1', port: development, localPort: 0 }]);
  for (const socket of open) socket.destroy();
  for (const server of servers) server.close();
});

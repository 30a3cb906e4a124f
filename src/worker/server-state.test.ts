// What servers are asked between tests, by their options.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import type { ServerOptions } from '../config/options.ts';
import type { StackInfo } from '../lease/run-file.ts';
import { ServerState } from './server-state.ts';

function stateOf(servers: readonly ServerOptions[], url = 'http://localhost:1'): ServerState {
  return new ServerState(servers, { servers: { web: url, web2: url } } as unknown as StackInfo);
}

test('`reset` sends the method and the headers that it says, and a failure shows none of these', async () => {
  const asked: string[] = [];
  const server = createServer(({ method, url, headers }, response) => {
    asked.push(`${method} ${url} ${headers.authorization ?? 'nobody'}`);
    response.writeHead(url === '/gone' ? 410 : 204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const headers = { authorization: 'Bearer of-the-admin' };
  await stateOf([{ command: 'x', reset: '/reset' }], url).reset();
  await stateOf([{ command: 'x', reset: { path: '/reset' } }], url).reset();
  await stateOf([{ command: 'x', reset: { path: '/cache', method: 'DELETE', headers } }], url).reset();
  expect(asked).toEqual(['POST /reset nobody', 'POST /reset nobody', 'DELETE /cache Bearer of-the-admin']);
  const gone = stateOf([{ command: 'x', reset: { path: '/gone', method: 'PUT', headers } }], url).reset();
  await expect(gone).rejects.toThrow(
    /^SERVER_NOT_RESET: server "web" was not reset: HTTP 410 for PUT \/gone\.\n((?!of-the-admin)[\s\S])*$/,
  );
  server.close();
});

test('the longest quiet of the servers is asked for; `most` is twice as long', () => {
  const quiet = (...idle: ServerOptions['idle'][]) =>
    stateOf(idle.map((each) => ({ command: 'x', ...(each !== undefined && { idle: each }) }))).quiet;
  expect(quiet(undefined, '/idle')).toBeUndefined();
  expect(quiet({ when: '/idle' })).toBeUndefined();
  expect(quiet({ quiet: 0 })).toEqual({ quiet: 0, most: 0 });
  expect(quiet({ quiet: 20 }, { quiet: 50 })).toEqual({ quiet: 50, most: 100 });
  expect(quiet({ quiet: 200 })).toEqual({ quiet: 200, most: 400 });
  expect(quiet({ quiet: 400 }, '/idle')).toEqual({ quiet: 400, most: 800 });
  expect(quiet({ quiet: 20, most: 1000 })).toEqual({ quiet: 20, most: 1000 });
});

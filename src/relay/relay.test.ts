// The relay's process: what it is asked over its pipe, and that it ends with it.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Lifetime } from '../lifetime.ts';
import { startOf } from '../process/processes.ts';
import { compile } from '../testing/compiled.ts';
import { freePort } from '../testing/postgres.ts';
import { Relay } from './relay.ts';

test('gates and forwarders are asked for over a pipe, at whose end the relay ends; a signal does not end it, and stopped, it is continued', async () => {
  await using lifetime = new Lifetime();
  const program = join((await compile(lifetime, ['relay/relay-main'])).folder, 'relay/relay-main.js');
  const relay = await Relay.start(program);
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const target = { host: '127.0.0.1', port: (echo.address() as AddressInfo).port };

  let waiting = 0;
  const gate = await relay.gate(target, 'held', () => {
    waiting += 1;
  });
  const client = connect(gate, '127.0.0.1').setEncoding('utf8');
  await expect.poll(() => waiting).toBe(1);
  client.write('through');
  await relay.ask({ type: 'open-gate', gate });
  expect(await once(client, 'data')).toEqual(['through']);
  const { sessions } = await relay.ask({ type: 'sessions', gate });
  expect(sessions).toEqual([{ taken: client.localPort, toPostgres: expect.any(Number), address: '127.0.0.1' }]);
  client.on('error', () => {});
  expect(await relay.ask({ type: 'cut-gate', gate, timeout: 5_000 })).toEqual({ left: [] });
  await relay.closeGate(gate);
  await expect(relay.ask({ type: 'sessions', gate })).rejects.toThrow(`there is no gate on port ${gate}`);

  const port = await freePort();
  await relay.ask({ type: 'forward', port });
  await expect(relay.ask({ type: 'forward', port })).rejects.toThrow('EADDRINUSE');
  await relay.ask({ type: 'close-forwarder', port });
  process.kill(relay.pid, 'SIGSTOP'); // somebody does
  await relay.ask({ type: 'forward', port });
  await relay.ask({ type: 'close-forwarder', port });

  process.kill(relay.pid, 'SIGTERM');
  await relay.ask({ type: 'forward', port });
  await relay.close();
  expect(startOf(relay.pid)).toBeUndefined();
  await expect(relay.ask({ type: 'forward', port })).rejects.toThrow('is gone');

  const killed = await Relay.start(program);
  process.kill(killed.pid, 'SIGKILL');
  expect(await killed.lost).toBe('the process between the servers and Postgres ended with SIGKILL');
  echo.close();
});

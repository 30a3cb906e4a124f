// A slot's public port before real HTTP servers that take turns: what browsers and tests see of that.
import { once } from 'node:events';
import { Agent, createServer, get, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from '@playwright/test';
import { messageOf } from '../errors.ts';
import { freePort } from '../testing/postgres.ts';
import { Forwarder } from './forwarder.ts';

const running: { close(): unknown }[] = [];
test.afterEach(() => {
  for (const each of running.splice(0)) each.close();
});

async function forwarder(): Promise<{ readonly forwarder: Forwarder; readonly port: number }> {
  const port = await freePort();
  const made = await Forwarder.listen(port);
  running.push(made);
  return { forwarder: made, port };
}

/** Answers with its name, `/slow` when it is told to. */
async function server(name: string, host = '127.0.0.1') {
  let answer = (): void => {};
  const http: Server = createServer(({ url }, response) => {
    if (url === '/slow') answer = () => response.end(`slow ${name}`);
    else if (url === '/streamed') {
      response.write('first ');
      answer = () => response.end(`last of ${name}`);
    } else if (url === '/events') response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    else response.end(name);
  });
  const asked = new Promise<void>((resolve) => {
    http.on('request', ({ url }) => url === '/slow' && resolve());
  });
  await new Promise<void>((resolve) => http.listen(0, host, resolve));
  running.push({ close: () => http.close() && http.closeAllConnections() });
  return { port: (http.address() as AddressInfo).port, http, asked, answer: () => answer() };
}

function ask(port: number, path = '/', agent = new Agent()): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent, host: 'localhost' }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(body)).on('error', reject);
    }).on('error', reject);
  });
}

test('connections wait for the first server, on both addresses of localhost, and servers take turns under kept connections', async () => {
  const { forwarder: forward, port } = await forwarder();
  const waiting = [ask(port), fetch(`http://127.0.0.1:${port}`).then((answer) => answer.text())];
  const servers = [await server('one'), await server('two', '::1'), await server('three')];
  const agent = new Agent({ keepAlive: true });
  for (const [index, name] of ['one', 'two', 'three'].entries()) {
    await forward.hold(1_000);
    await forward.lead(servers[index]?.port ?? 0);
    for (let n = 0; n < 20; n += 1) {
      expect(await ask(port, '/', agent)).toBe(name);
      expect(await (await fetch(`http://localhost:${port}`)).text()).toBe(name);
    }
  }
  expect(await Promise.all(waiting)).toEqual(['one', 'one']);
  agent.destroy();
});

test('a request that is under way is answered by the server that it was for; one that comes meanwhile by the next', async () => {
  const { forwarder: forward, port } = await forwarder();
  const [one, two] = [await server('one'), await server('two')];
  await forward.lead(one.port);
  const slow = ask(port, '/slow');
  await one.asked;
  const held = forward.hold(10_000);
  const next = ask(port);
  one.answer();
  await held;
  await forward.lead(two.port);
  expect([await slow, await next]).toEqual(['slow one', 'two']);
});

test('a streamed answer is waited for until its end', async () => {
  const { forwarder: forward, port } = await forwarder();
  const one = await server('one');
  await forward.lead(one.port);
  let begun = (): void => {};
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const streamed = fetch(`http://localhost:${port}/streamed`).then((answer) => {
    begun();
    return answer.text();
  });
  await isBegun;
  const held = forward.hold(10_000);
  one.answer();
  await held;
  expect(await streamed).toBe('first last of one');
});

test('a request whose client has gone while it waited is not made later', async () => {
  const { forwarder: forward, port } = await forwarder();
  const one = await server('one');
  const asked: string[] = [];
  one.http.on('request', ({ url = '' }) => asked.push(url));
  const gone = connect(port, '127.0.0.1');
  await once(gone, 'connect');
  gone.end('POST /gone HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  await once(gone.resume(), 'close');
  const stays = ask(port, '/stays');
  await forward.lead(one.port);
  expect(await stays).toBe('one');
  expect(asked).toEqual(['/stays']);
});

test('a request that is not answered in time ends, and so does what is never over: events and websockets, at once', async () => {
  const { forwarder: forward, port } = await forwarder();
  const one = await server('one');
  one.http.on('upgrade', (_, socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
  );
  await forward.lead(one.port);
  const events = ask(port, '/events').catch(messageOf);
  const upgraded = new Promise<string>((resolve) => {
    const asked = request({ port, host: 'localhost', headers: { connection: 'upgrade', upgrade: 'x' } });
    asked.on('upgrade', (_, socket) => {
      socket.write('a message that nobody answers');
      socket.on('close', () => resolve('closed')).resume();
    });
    asked.end();
  });
  await expect.poll(() => forward.connections).toBe(2);
  await forward.hold(60_000); // neither is waited for
  expect([await events, await upgraded]).toEqual(['aborted', 'closed']);
  await forward.lead(one.port);
  const never = ask(port, '/slow');
  const failed = expect(never).rejects.toThrow();
  await one.asked;
  await forward.hold(10);
  await failed;
});

test('a port that is taken is not listened on, on either address', async () => {
  const { port } = await forwarder();
  await expect(Forwarder.listen(port)).rejects.toThrow('EADDRINUSE');
  const taken = await server('other', '::1');
  await expect(Forwarder.listen(taken.port)).rejects.toThrow('EADDRINUSE');
  await expect(
    new Promise((resolve, reject) => connect(taken.port, '127.0.0.1').once('connect', resolve).once('error', reject)),
  ).rejects.toThrow('ECONNREFUSED');
});

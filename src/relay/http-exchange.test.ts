// What counts as an answer, byte by byte: lengths, chunks, what has no body, and what is no HTTP/1.
import { expect, test } from '@playwright/test';
import { HttpExchange } from './http-exchange.ts';

/** After how many bytes of the answer the request is not under way any more; undefined: it is at its end, too. */
function answeredAfter(answer: string, request = 'GET / HTTP/1.1\r\n\r\n'): number | undefined {
  const exchange = new HttpExchange();
  exchange.asks(Buffer.from(request));
  expect(exchange.isUnderWay).toBe(true);
  for (const [index, byte] of [...Buffer.from(answer)].entries()) {
    exchange.answers(Buffer.from([byte]));
    if (!exchange.isUnderWay) return index + 1;
  }
  return undefined;
}

const head = (...fields: readonly string[]) => ['HTTP/1.1 200 OK', ...fields, '', ''].join('\r\n');
const CHUNKED = `${head('Transfer-Encoding: gzip, chunked')}5;x=1\r\n0\r\n\r\n\r\nA\r\n0123456789\r\n0\r\nEtag: x\r\n\r\n`;

test('an answer is over with its last byte: of its length, of its last chunk, or of its head', () => {
  for (const [answer, request] of [
    [`${head('content-length: 5', 'x: y')}hello`],
    [CHUNKED],
    [`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${head('Content-Length: 2')}ok`],
    [head('content-length: 0')],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n'],
    [head('content-length: 7'), 'HEAD / HTTP/1.1\r\n\r\n'],
  ] as const) {
    expect(answeredAfter(answer, request)).toBe(answer.length);
  }
});

test('an answer without a length goes on until its connection ends; events and websockets are not waited for', () => {
  expect(answeredAfter(`${head('connection: close')}hello`)).toBeUndefined();
  const events = head('Content-Type: text/event-stream', 'transfer-encoding: chunked');
  expect(answeredAfter(`${events}4\r\n`)).toBe(events.length);
  const exchange = new HttpExchange();
  exchange.asks(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  exchange.answers(Buffer.from(`${events}0\r\n\r\n`));
  exchange.asks(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  expect(exchange.isUnderWay).toBe(true); // on the same connection, when the events had an end
  const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n';
  expect(answeredAfter(upgraded)).toBe(upgraded.length);
});

test('what is no HTTP/1 counts as answered with its first byte, and a head without end when it is too long', () => {
  expect(answeredAfter('\0\0\x12\x04')).toBe(1);
  expect(answeredAfter('HTTP/2 200\r\n\r\n')).toBe(6);
  const chunked = `${head('transfer-encoding: chunked')}no size\r\n`;
  expect(answeredAfter(chunked)).toBe(chunked.length);
  const exchange = new HttpExchange();
  exchange.asks(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  exchange.answers(Buffer.from('HTTP/1.1 200 OK\r\n'));
  expect(exchange.isUnderWay).toBe(true);
  exchange.answers(Buffer.alloc(70_000, 'x'));
  expect(exchange.isUnderWay).toBe(false);
});

test('several answers on one connection are told apart, whatever pieces they come in', () => {
  for (const size of [1, 7, 64, 100_000]) {
    const exchange = new HttpExchange();
    for (const answer of [CHUNKED, `${head('content-length: 3')}abc`, CHUNKED]) {
      exchange.asks(Buffer.from('POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\nx'));
      for (let at = 0; at < answer.length; at += size) {
        expect(exchange.isUnderWay).toBe(true);
        exchange.answers(Buffer.from(answer.slice(at, at + size)));
      }
      expect(exchange.isUnderWay).toBe(false);
    }
  }
});

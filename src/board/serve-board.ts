// The board: a live page of the run, served by the runner's own process to whoever has the printed address.
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { within } from '../wait.ts';
import { judge, type Verdict } from './gate.ts';
import type { ModelStore } from './model-store.ts';
import { type PageFiles, pageHtml, readPageFiles } from './page-files.ts';
import { Viewers } from './viewers.ts';

export interface BoardOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Default: those of the package. */
  readonly files?: PageFiles;
}

export interface Board {
  /** With the token: whoever has it may look. */
  readonly url: string;
  close(): Promise<void>;
}

/** Pages of one browser take six; tools may take more. */
const MOST_CONNECTIONS = 64;
/** Milliseconds for viewers to read the rest. */
const END_TIMEOUT_MS = 1_000;

/** Sent with everything. Nothing is loaded from elsewhere, and nobody may frame it. */
const HEADERS = {
  'Content-Security-Policy': [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", 'img-src data:'],
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Listens on 127.0.0.1. @throws where the port is taken */
export async function serveBoard(store: ModelStore, { port, files = readPageFiles() }: BoardOptions): Promise<Board> {
  const token = randomBytes(16).toString('hex');
  const viewers = new Viewers(() => store.model);
  const unsubscribe = store.subscribe((event) => viewers.push(event));
  const server = createServer((request, response) => {
    // Of another port there may be another board on this host.
    const gate = { token, cookie: cookieName(server) };
    const { method, url, headers } = request;
    answer(judge({ method, url, headers }, gate), response, { files, viewers, ...gate });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (socket) => socket.unref());
  try {
    await listen(server.unref(), port);
  } catch (error) {
    unsubscribe();
    throw error;
  }
  const close = async (): Promise<void> => {
    unsubscribe();
    viewers.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await within(END_TIMEOUT_MS, 'viewers of the board', () => closed).catch(() => server.closeAllConnections());
    await closed;
  };
  return { url: `http://127.0.0.1:${portOf(server)}/${token}/`, close };
}

interface Answering {
  readonly token: string;
  readonly cookie: string;
  readonly files: PageFiles;
  readonly viewers: Viewers;
}

function answer(verdict: Verdict, response: ServerResponse, { token, cookie, files, viewers }: Answering): void {
  const send = (status: number, type: string, body: string, more = {}): void => {
    response.writeHead(status, { ...HEADERS, 'Content-Type': `${type}; charset=utf-8`, ...more }).end(body);
  };
  if (verdict.kind === 'refused') send(verdict.status, 'text/plain', `${verdict.why}\n`);
  else if (verdict.kind === 'enter') {
    // Not by a redirection: of a link on another site the browser would withhold the cookie.
    const html = '<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>playwright-stacks</title>';
    send(200, 'text/html', html, { 'Set-Cookie': `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/` });
  } else if (verdict.name === 'events') {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    viewers.add(response);
  } else {
    const file = { '': PAGE, 'board.js': files.script, 'board.css': files.style }[verdict.name];
    const type = { '': 'text/html', 'board.js': 'text/javascript' }[verdict.name] ?? 'text/css';
    if (file === undefined) send(404, 'text/plain', 'There is no such page.\n');
    else send(200, type, file);
  }
}

const PAGE = pageHtml('<link rel="stylesheet" href="/board.css">', '<script type="module" src="/board.js"></script>');

function cookieName(server: Server): string {
  return `stacks_board_${portOf(server)}`;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

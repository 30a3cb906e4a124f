// The board: a live page of the run, served by the runner's own process to whoever has the printed address.
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { within } from '../wait.ts';
import { FactsLoop, LOOK_INTERVAL_MS } from './facts-loop.ts';
import { judge, type Verdict } from './gate.ts';
import type { LiveSource } from './live-facts.ts';
import type { ModelStore } from './model-store.ts';
import { type PageFiles, pageHtml, readPageFiles } from './page-files.ts';
import { Viewers } from './viewers.ts';

export interface BoardOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Default: those of the package. */
  readonly files?: PageFiles;
  /** Milliseconds between two looks at servers and databases. @default 3000 */
  readonly lookInterval?: number;
}

export interface Board {
  /** With the token: whoever has it may look. */
  readonly url: string;
  /** Shows what `source` knows, which is asked only while somebody looks. Returns the function that ends it. */
  watch(source: LiveSource): () => Promise<void>;
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
export async function serveBoard(store: ModelStore, options: BoardOptions): Promise<Board> {
  const { port, files = readPageFiles(), lookInterval = LOOK_INTERVAL_MS } = options;
  const token = randomBytes(16).toString('hex');
  const viewers = new Viewers(() => store.model);
  const facts = new FactsLoop(viewers, lookInterval);
  const unsubscribe = store.subscribe((event) => viewers.push(event));
  const byName = new Map([
    ['', { type: 'text/html', text: PAGE }],
    ['board.js', { type: 'text/javascript', text: files.script }],
    ['board.css', { type: 'text/css', text: files.style }],
  ]);
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    answer(judge({ method, url, headers }, token), response, { token, files: byName, viewers, facts });
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
  return { url: `http://127.0.0.1:${portOf(server)}/${token}/`, watch: (source) => facts.watch(source), close };
}

interface Answering {
  readonly token: string;
  /** By name; the page itself has none. */
  readonly files: ReadonlyMap<string, { readonly type: string; readonly text: string }>;
  readonly viewers: Viewers;
  readonly facts: FactsLoop;
}

function answer(verdict: Verdict, response: ServerResponse, { token, files, viewers, facts }: Answering): void {
  const send = (status: number, type: string, body: string, more = {}): void => {
    response.writeHead(status, { ...HEADERS, 'Content-Type': `${type}; charset=utf-8`, ...more }).end(body);
  };
  if (verdict.kind === 'refused') send(verdict.status, 'text/plain', `${verdict.why}\n`);
  else if (verdict.kind === 'enter') send(308, 'text/plain', '', { Location: `/${token}/` });
  else if (verdict.name === 'events') {
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
    viewers.add(response);
    facts.wake();
  } else {
    const file = files.get(verdict.name);
    if (file) send(200, file.type, file.text);
    else send(404, 'text/plain', 'There is no such page.\n');
  }
}

/** What it loads lies beside it, below the token. */
const PAGE = pageHtml('<link rel="stylesheet" href="board.css">', '<script type="module" src="board.js"></script>');

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      // From now on it is a connection that could not be taken: its page tries again.
      server.off('error', reject).on('error', () => {});
      resolve();
    });
  });
}

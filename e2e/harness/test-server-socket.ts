// The WebSocket of a test server: calls with answers, and the reports that come in between.
import { createRequire } from 'node:module';
import type { ReportEvent } from './test-server-report.ts';

export interface Connection {
  readonly call: <T = void>(method: string, params: object) => Promise<T>;
  /** Reports that come from now on; called, what has come. */
  readonly collect: () => () => readonly ReportEvent[];
  /** What the server has printed: its client shows it. */
  readonly printed: () => string;
  readonly close: () => void;
}

interface Socket {
  on(event: 'open' | 'close', listener: () => void): void;
  on(event: 'message', listener: (data: { toString(): string }) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  send(text: string): void;
  close(): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: ReportEvent & { readonly text?: string };
  readonly result?: unknown;
  readonly error?: string;
}

export async function connect(url: string): Promise<Connection> {
  // Node 20 has no WebSocket of its own; Playwright brings one.
  const { ws: WebSocket } = createRequire(import.meta.url)('playwright-core/lib/utilsBundle');
  const socket: Socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  const calls = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let reports: ReportEvent[] = [];
  let printed = '';
  let last = 0;
  socket.on('message', (data) => {
    const { id, method, params, result, error } = JSON.parse(data.toString()) as Message;
    if (method === 'report' && params) reports.push(params);
    if (method === 'stdio') printed += params?.text ?? '';
    const pending = calls.get(id ?? 0);
    if (error) pending?.reject(new Error(error));
    else pending?.resolve(result as never);
  });
  socket.on('close', () => {
    for (const { reject } of calls.values()) reject(new Error('the test server closed the connection'));
  });
  return {
    call: (method, params) => {
      last += 1;
      const id = last;
      const answer = new Promise<never>((resolve, reject) => calls.set(id, { resolve, reject }));
      socket.send(JSON.stringify({ id, method, params }));
      return answer.finally(() => calls.delete(id));
    },
    collect: () => {
      const mine: ReportEvent[] = [];
      reports = mine;
      return () => mine;
    },
    printed: () => printed,
    close: () => socket.close(),
  };
}

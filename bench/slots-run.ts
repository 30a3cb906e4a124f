// node slots-run.js URL SLOTS: a run with a stack for each slot, without Playwright. Told "go" and "end" on its standard
// input, it answers "ready" and "closed".
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { parseOptions } from '../src/config/parse.ts';
import { resolveOptions } from '../src/config/resolve.ts';
import { Events } from '../src/events.ts';
import { Run } from '../src/run/run.ts';
import { StateStore } from '../src/state/state-store.ts';
import { seedSql, tableSql } from './test-bed.ts';

const [url = '', slots = '8'] = process.argv.slice(2);
const TABLES = 30;

async function migrate({ url }: { url: string }): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  const tables = Array.from({ length: TABLES - 1 }, (_, i) => tableSql(i));
  const big = 'CREATE TABLE big (id bigint PRIMARY KEY, name text NOT NULL, pad text)';
  await client.query([...tables, big, ...seedSql(TABLES, 1000)].join(';\n'));
  await client.end();
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'stk-bench-'));
  writeFileSync(join(folder, 'inputs'), '');
  const options = { database: { url, migrate, inputs: ['inputs'] } };
  const config = resolveOptions(
    parseOptions(options, undefined, [{ path: '', name: 'default' }]),
    join(folder, 'config'),
  );
  const events = new Events();
  const state = new StateStore(events);
  let opened = 0;
  let run: Run | undefined;
  events.on(({ type }) => {
    if (type === 'stack-opened' && ++opened === Number(slots)) console.log('ready');
  });
  console.log('loaded');
  for await (const command of createInterface(process.stdin)) {
    if (command === 'end') break;
    run = new Run({
      config,
      workers: Number(slots),
      logs: folder,
      idleTimeout: undefined,
      awaits: 'servers',
      ahead: 1,
      events,
      state,
    });
    await run.ready;
    run.openAhead(Number(slots), 'default');
  }
  await run?.close();
  console.log('closed');
  rmSync(folder, { recursive: true });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  },
);

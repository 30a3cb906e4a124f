// What a rewind costs, from one client; medians and p10–p90 in ms. Node 20 runs no TypeScript, therefore:
// npx tsc -p bench && node bench/dist/bench/rewind.js [tables] [rounds]
import type pg from 'pg';
import { openControl } from '../src/rewind/control.ts';
import { installCapture } from '../src/rewind/install.ts';
import { mark } from '../src/rewind/mark.ts';
import { rewind } from '../src/rewind/rewind.ts';
import { startCluster } from '../src/rewind/testing/cluster.ts';
import { tidy } from '../src/rewind/tidy.ts';

const TABLES = Number(process.argv[2] ?? 30);
const ROUNDS = Number(process.argv[3] ?? 200);
const MAJOR = process.env.STACKS_BENCH_MAJOR ?? '18';

const TEN_ROWS = [
  `INSERT INTO t3 (parent, name) VALUES (1, 'new'), (2, 'new2')`,
  `UPDATE t5 SET name = 'changed' WHERE id IN (3, 4)`,
  'DELETE FROM t29 WHERE id = 7',
  'UPDATE t9 SET v = 1 WHERE id < 6',
];

async function main(): Promise<void> {
  const cluster = await startCluster(MAJOR);
  try {
    const admin = await cluster.connect('postgres');
    await admin.query('CREATE DATABASE tpl');
    const maker = await cluster.connect('tpl');
    for (let i = 0; i < TABLES; i++) await maker.query(tableSql(i));
    await maker.end();
    await admin.query('CREATE DATABASE plain TEMPLATE tpl');
    const installer = await cluster.connect('tpl');
    const began = performance.now();
    await installCapture(installer);
    line('install', [performance.now() - began]);
    await installer.end();
    await admin.query('CREATE DATABASE c TEMPLATE tpl');

    const control = await openControl(await cluster.connect('c'));
    const app = await cluster.connect('c');
    const bare = await cluster.connect('plain');
    for (let i = 0; i < 2; i++) await cluster.connect('c');
    const start = await mark(control);
    const times: Record<string, number[]> = {};
    const time = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      const from = performance.now();
      await work();
      const list = times[what] ?? [];
      times[what] = list;
      list.push(performance.now() - from);
    };
    const run = async (client: pg.Client, statements: readonly string[]): Promise<void> => {
      for (const statement of statements) await client.query(statement);
    };
    for (let i = 0; i < ROUNDS; i++) {
      await time('round trip', () => control.query('SELECT 1'));
      await time('nothing', () => rewind(control, start));
      await run(app, TEN_ROWS);
      const part = i < 10 ? ', first 10' : i >= ROUNDS - 50 ? ', last 50' : '';
      await time(`10 rows in 4 tables${part}`, () => rewind(control, start));
      if (i % 50 === 49) await tidy(control);
      if (i % 10 === 0) {
        for (let j = 0; j < 200; j++) await app.query(`INSERT INTO t3 (parent, name) VALUES (1, 'new')`);
        await time('200 rows', () => rewind(control, start));
      }
    }
    const bulk = `INSERT INTO t3 (parent, name) SELECT 1, 'n' || g FROM generate_series(1, 20000) g`;
    for (let i = 0; i < 7; i++) {
      await time('20,000-row INSERT, captured', () => app.query(bulk));
      await time('20,000 rows', () => rewind(control, start));
      await time('20,000-row INSERT, plain', () => bare.query(bulk));
      await bare.query('DELETE FROM t3 WHERE id > 40');
    }
    for (let i = 0; i < 400; i++) {
      for (const [kind, client] of [
        ['captured', app],
        ['plain', bare],
      ] as const) {
        for (const [op, text] of SINGLE) await time(`${op}, ${kind}`, () => client.query({ name: op, text }));
      }
    }
    await rewind(control, start);
    const strategy = Number(MAJOR) >= 15 ? 'STRATEGY file_copy' : '';
    for (let i = 0; i < 10; i++) {
      await time('fresh clone: CREATE, connect, query, DROP', async () => {
        await admin.query(`CREATE DATABASE fresh TEMPLATE tpl ${strategy}`);
        const client = await cluster.connect('fresh');
        await client.query('SELECT count(*) FROM t3');
        await client.end();
        await admin.query('DROP DATABASE fresh');
      });
    }
    for (const [what, list] of Object.entries(times)) line(what, list);
  } finally {
    await cluster.close();
  }
}

const SINGLE = [
  ['INSERT', `INSERT INTO t4 (parent, name) VALUES (1, 'x')`],
  ['UPDATE', `UPDATE t4 SET name = 'y' WHERE id = 5`],
  ['DELETE', 'DELETE FROM t4 WHERE id = (SELECT max(id) FROM t4)'],
] as const;

function tableSql(i: number): string {
  const parent = i % 30 ? `REFERENCES t${i - 1} (id) ON DELETE CASCADE` : '';
  return `CREATE TABLE t${i} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint ${parent}, name text NOT NULL, v numeric, at timestamptz DEFAULT now(), j jsonb, up text GENERATED ALWAYS AS (upper(name)) STORED);
    INSERT INTO t${i} (parent, name, v, j) SELECT ${i % 30 ? 'g' : 'NULL'}, 'n' || g, random(), '{"a":1}' FROM generate_series(1, 40) g; CREATE INDEX ON t${i} (parent)`;
}

function line(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(2);
  process.stdout.write(`${what.padEnd(44)} ${at(0.5).padStart(8)}  [${at(0.1)}–${at(0.9)}]  ${sorted.length}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  },
);

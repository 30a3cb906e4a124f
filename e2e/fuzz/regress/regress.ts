// npm run fuzz -- --regress FOLDER: the SQL files of a folder, as the application.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { installCapture } from '../../../src/rewind/install.ts';
import type { Alter } from '../test-bed.ts';
import { emptyTally, type FileTally, runFile, type Servers } from './file.ts';
import { readScript } from './script.ts';
import { Server, Side } from './side.ts';

export interface RegressOptions {
  readonly folder: string;
  readonly major: string;
  /** Names without `.sql`. @default all */
  readonly files?: readonly string[] | undefined;
  /** @default 5 */
  readonly piece?: number | undefined;
  /** Breaks rewind, to see whether that is found. */
  readonly alter?: Alter | undefined;
  readonly onFile?: (name: string, tally: FileTally, milliseconds: number) => void;
}

/** What a file `test_setup.sql` makes is there for every other. */
const SETUP = 'test_setup';

export async function regress({ folder, major, files, piece = 5, alter, onFile }: RegressOptions): Promise<FileTally> {
  const sum = emptyTally();
  const names = (await readdir(folder))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -4))
    .sort();
  const started = await Promise.all([1, 2, 3].map(() => Server.start(major)));
  try {
    const [one, two, three] = started;
    if (!one || !two || !three) throw new Error('three servers are needed');
    const servers: Servers = [one, two, three];
    await prepare(servers, folder, alter);
    for (const name of (files ?? names).filter((known) => known !== SETUP && names.includes(known))) {
      const from = performance.now();
      const options = { folder: path.dirname(folder), file: path.join(folder, `${name}.sql`), piece };
      const tally = await runFile(servers, options);
      if (tally.answers.length > 0) {
        // What a statement without an order is told first may be another row after a rewind: that is no difference.
        const { answers } = await runFile(servers, { ...options, piece: 0 });
        tally.reordered = tally.answers.filter((what) => !answers.includes(what));
        tally.wrong.push(...answers);
      }
      onFile?.(name, tally, performance.now() - from);
      add(sum, tally, name);
    }
  } finally {
    for (const server of started) await server.close();
  }
  return sum;
}

// Whole databases are read thousands of times: what the setup made is cut to tables of a few hundred rows.
const CUT = `DO $$ DECLARE rel regclass; BEGIN
  FOR rel IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('DELETE FROM ONLY %1$s WHERE ctid NOT IN (SELECT ctid FROM ONLY %1$s LIMIT 200)', rel);
  END LOOP; END $$`;

async function prepare(servers: Servers, folder: string, alter: Alter | undefined): Promise<void> {
  const setup = path.join(folder, `${SETUP}.sql`);
  const items = existsSync(setup) ? readScript(await readFile(setup, 'utf8')) : [];
  await Promise.all(
    servers.map(async (server, nth) => {
      // Chance falls otherwise on each: oids and transaction ids.
      for (let i = 0; i < nth * 3; i++)
        await server.admin.query(`SELECT lo_unlink(lo_create(0)) FROM generate_series(1, ${100 * nth})`);
      const side = await Side.open(server, 'regress_base', 'template1', path.dirname(folder));
      for (const item of items) await (item.kind === 'sql' ? side.run(item) : side.apply(item));
      await side.observer.query(CUT);
      await side.observer.query('VACUUM');
      await side.leave();
    }),
  );
  await servers[0].admin.query('CREATE DATABASE regress_captured TEMPLATE regress_base');
  const client = await servers[0].cluster.connect('regress_captured');
  await installCapture(client);
  await alter?.(client);
  await client.end();
}

function add(
  sum: FileTally,
  { statements, marks, rewound, refused, skipped, wrong, reordered }: FileTally,
  name: string,
): void {
  sum.statements += statements;
  sum.marks += marks;
  sum.rewound += rewound;
  for (const [from, to] of [
    [refused, sum.refused],
    [skipped, sum.skipped],
  ] as const)
    for (const [what, times] of from) to.set(what, (to.get(what) ?? 0) + times);
  sum.reordered.push(...reordered);
  sum.wrong.push(...wrong.map((what) => `${name}.sql, ${what}`));
}

/** What came of it, in lines. */
export function summary(
  files: number,
  { statements, marks, rewound, refused, skipped, wrong, reordered }: FileTally,
): string {
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts]
      .sort(([, a], [, b]) => b - a)
      .map(([what, times]) => `${times} ${what}`)
      .join(', ') || 'none';
  return `${files} files, ${statements} statements, ${marks} marks, ${rewound} pieces rewound and replayed
  refused: ${list(refused)}
  not compared: ${list(skipped)}
  answers that are others only where the file is rewound in between: ${reordered.length}
  differences: ${wrong.length}`;
}

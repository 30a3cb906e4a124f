// The disk of the databases is full: before the migrations, before a stack is opened, in the midst of a test.
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { miniDatabase } from '../harness/config-text.ts';
import { type ExistingServer, startExistingServer } from '../harness/existing-server.ts';
import { mountSmallDisk, WITHOUT_SHM } from '../harness/small-disk.ts';
import { expect, type RowText, SERVERS, test } from './row.ts';

interface Full {
  /** `fill` is a shell command. */
  readonly text: (fill: string) => RowText;
  readonly says: RegExp;
}

const ROWS: Readonly<Record<string, Full>> = {
  'before the migrations': {
    text: (fill) => ({
      database: miniDatabase.replace('node sql.mjs migrations', `${fill}; node sql.mjs migrations`),
      files: { 'migrations/001_items.sql': TABLE },
    }),
    says: /DISK_FULL: no space is left on the disk of /,
  },
  'before a stack is opened': {
    text: (fill) => ({ database: miniDatabase.replace('node sql.mjs seed', `node sql.mjs seed; ${fill}`) }),
    says: /DISK_FULL: no space is left on the disk of /,
  },
  'in a test': {
    text: (fill) => ({
      spec: `
        import { execSync } from 'node:child_process';
        import { expect, test } from 'playwright-stacks';
        test('fills it', async ({ db }) => {
          execSync(${JSON.stringify(fill)});
          await db.query('INSERT INTO items (name) SELECT n || md5(n::text) FROM generate_series(1, 300000) n');
        });
        test('is next', async ({ request }) => {
          expect(await (await request.get('/items')).json()).toHaveLength(1);
        });
      `,
    }),
    says: /No space left on device|DISK_FULL/,
  },
};

const TABLE = `
  CREATE TABLE items (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
  INSERT INTO items (name) SELECT n || md5(n::text) FROM generate_series(1, 300000) n;
`;

for (const kind of SERVERS) {
  test.describe(`${kind} server`, () => {
    test.use({ kind });
    for (const [when, { text, says }] of Object.entries(ROWS)) {
      test(`a full disk ${when}`, async ({ home, row, sandbox }) => {
        const folder = kind === 'embedded' ? sandbox.scope.tmp : await mkdtemp(path.join(home, 'servers/small-'));
        const disk = await mountSmallDisk(folder, 140);
        test.skip(!disk, 'mounting takes root');
        let own: ExistingServer | undefined;
        try {
          if (kind === 'existing') own = await startExistingServer(home, { base: folder });
          const mini = await row.mini(text(disk?.fill ?? ''));
          const env = own ? { TEST_URL: own.url } : {};
          const through = kind === 'embedded' ? WITHOUT_SHM : [];
          const running = await row.start(mini, ['--workers=1'], { env, through });
          await running.done;
          await disk?.clear(); // It lies where the look for leaks begins.
          const { output, exitCode } = await (own ? row.back(own, running) : row.over(running));
          expect.soft(output).toMatch(says);
          expect.soft(output.match(/DISK_FULL: no space/g) ?? []).toHaveLength(says.source.startsWith('DISK') ? 1 : 0);
          expect.soft(exitCode).toBe(1);
        } finally {
          await disk?.clear();
          await own?.stop();
          await disk?.unmount();
        }
      });
    }
  });
}

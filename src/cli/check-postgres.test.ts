// `doctor` on the Postgres that the config names.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { checkPostgres } from './check-postgres.ts';
import { configuredPostgres } from './configured-postgres.ts';

const DEBIAN = '/usr/lib/postgresql/15/bin';

test('what the config names is looked at: the binaries, and the extensions that they have', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stk-test-'));
  const write = (options: string) =>
    writeFile(
      join(folder, 'playwright.config.ts'),
      `import { withStacks } from 'playwright-stacks';\nconst bin = '${DEBIAN}';\nexport default withStacks({}, ${options} satisfies object);`,
    );
  await write(`{ databases: { main: { binaries: bin, extensionPath: 'vendor', extensions: ['hstore', 'fish'] } } }`);
  expect(await configuredPostgres(folder)).toEqual({
    option: 'databases.main',
    choice: { binaries: DEBIAN, extensionPath: [join(folder, 'vendor')] },
    extensions: ['hstore', 'fish'],
  });
  await write(`{ database: { extensions: ['citext', 'fish'] } }`);
  expect(await checkPostgres(folder, undefined, 1)).toMatchObject({
    state: 'fail',
    found: 'the embedded Postgres 18 has no "fish", which `extensions` names',
    todo: expect.stringContaining('install "fish" for Postgres'),
  });
  await write(`{ database: { binaries: 'pg/bin' } }`);
  await expect(checkPostgres(folder, undefined, 1)).rejects.toThrow(
    `POSTGRES_MISSING: \`database.binaries\`: ${folder}/pg/bin does not exist.`,
  );
  if (existsSync(DEBIAN)) {
    await write(`{ database: { binaries: '${DEBIAN}', extensions: ['hstore'] } }`);
    const { state, found } = await checkPostgres(folder, undefined, 1);
    expect([state, found]).toEqual([
      'ok',
      expect.stringMatching(/^embedded 15\..* in \/usr\/lib\/postgresql\/15\/bin, cached in /),
    ]);
  }
  await writeFile(join(folder, 'playwright.config.ts'), 'export default {');
  expect(await configuredPostgres(folder)).toEqual({ option: 'database', choice: {}, extensions: [] });
  await rm(folder, { recursive: true });
});

// A run on a Postgres of this machine (`database.binaries`) that lacks an extension.
import { configText, miniDatabase } from '../harness/config-text.ts';
import { expect, test } from '../harness/test.ts';

const BIN = '/usr/lib/postgresql/15/bin';

test('a migration that fails for want of an extension is told which, and how to get it', async ({ project, run }) => {
  const mini = await project('mini', {
    files: {
      'playwright.config.ts': configText({ database: `${miniDatabase}, binaries: '${BIN}'` }),
      'migrations/000_fish.sql': 'CREATE EXTENSION IF NOT EXISTS hypopg_of_nobody',
    },
  });
  const { output, exitCode } = await run(mini, ['--workers=1']);
  expect(exitCode).toBe(1);
  expect(output).toContain(
    `hint: Postgres 15 in ${BIN} has no extension "hypopg_of_nobody": install "hypopg_of_nobody" for Postgres 15: \`apt-cache search postgresql-15-\` lists what there is.`,
  );
});

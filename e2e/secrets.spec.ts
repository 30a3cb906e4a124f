// Passwords are where they are needed, and nowhere else; what a run makes is for its user only.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { processesMarked, socketsOf } from './harness/processes.ts';
import { loopbackPorts } from './harness/sockets.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const spec = only(`
  import { existsSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  import pg from 'pg';
  test('waits', () => expect.poll(() => existsSync('looked'), { timeout: 20_000 }).toBe(true));
  test('fails by its database', async ({ request }) => {
    const client = new pg.Client();
    await client.connect();
    await client.query('SELECT * FROM no_such_table').finally(() => client.end());
  });
`);

/** The files below `folders` that hold `secret`. */
async function holding(secret: string, folders: readonly string[]): Promise<string[]> {
  const found = promisify(execFile)('grep', ['-rlaF', '-e', secret, ...folders]);
  return found.then(
    ({ stdout }) => stdout.trim().split('\n'),
    (error: { code?: number }) => {
      if (error.code === 1) return []; // grep found none
      throw error;
    },
  );
}

for (const server of ['embedded', 'existing'] as const) {
  const tag = server === 'existing' ? [] : ['@matrix'];
  test(`nothing that a run leaves or shows has a password; ${server} server`, { tag }, async ({
    project,
    start,
    sandbox,
    existingServer,
  }) => {
    const reporter = `reporter: [['list'], ['html', { open: 'never' }], ['json', { outputFile: 'test-results/report.json' }]],`;
    const database = server === 'existing' ? `url: process.env.TEST_URL, ${miniDatabase}` : miniDatabase;
    const text = configText({ config: `${reporter} use: { trace: 'on' },`, database });
    const mini = await project('mini', { files: { ...spec, 'playwright.config.ts': text }, mayWrite: ['looked'] });
    const running = await start(mini, ['--workers=1'], { env: { TEST_URL: existingServer.url } });
    const began = await running.waitForEvent((event) => event.type === 'run-started');
    await running.waitForEvent((event) => event.type === 'test-began');
    if (began.type !== 'run-started') throw new Error('another event');

    const { stacks } = JSON.parse(readFileSync(path.join(began.folder, 'run.json'), 'utf8'));
    const { password } = new URL(stacks[0].databaseUrl);
    const processes = processesMarked([sandbox.scope.tag, began.run]);
    expect(processes.length).toBeGreaterThan(3);
    expect(processes.filter(({ command }) => command.includes(password))).toEqual([]);
    const knowing = processes.filter(({ pid }) => readFileSync(`/proc/${pid}/environ`, 'utf8').includes(password));
    expect(knowing.map(({ command }) => command).filter((command) => /reaper|postgres/.test(command))).toEqual([]);

    const modes = readdirSync(began.folder).map((name) => statSync(path.join(began.folder, name)));
    expect(statSync(began.folder).mode & 0o777).toBe(0o700);
    expect(modes.filter((stats) => stats.isFile() && stats.size > 0 && stats.uid !== process.getuid?.())).toEqual([]);
    for (const name of ['run.json', 'journal.ndjson']) {
      expect(statSync(path.join(began.folder, name)).mode & 0o777).toBe(0o600);
    }
    const ready = running.events().find((event) => event.type === 'postgres-ready');
    if (ready?.type === 'postgres-ready' && ready.folder) {
      // As root the folder is ours, and Postgres passes through it to its own: others may neither list nor write.
      expect(statSync(ready.folder).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o711 : 0o700);
      expect(statSync(path.join(ready.folder, 'data')).mode & 0o777).toBe(0o700);
    }
    const inodes = new Set(processes.flatMap(({ pid }) => [...socketsOf(pid)]));
    const elsewhere = loopbackPorts().filter(({ inode, loopback }) => inodes.has(inode) && !loopback);
    expect(elsewhere).toEqual([]);

    await mini.write('looked', '');
    const result = await running.done;
    expect(result.exitCode).toBe(1);
    expect(result.output).toContain('no_such_table');
    expect(result.output + JSON.stringify(result.events)).not.toContain(password);
    expect(await holding(password, [mini.folder, sandbox.scope.tmp, sandbox.scope.cache])).toEqual([]);
  });
}

// The template: built once, sealed, reused; a change rebuilds it; a failed or interrupted build is trusted by nobody.
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { killMarked, processesMarked } from './harness/processes.ts';
import { expect, type Project, type Running, type RunResult, test } from './harness/test.ts';

const template = ({ events }: RunResult) => events.find((event) => event.type === 'template-ready');
const postgres = ({ events }: RunResult) => events.find((event) => event.type === 'postgres-ready');
/** A cache of the test's own, so that no other test's clusters push this one's out. */
const cacheOf = (project: Project) => ({ STACKS_CACHE: `${project.folder}/cache` });

test('a second run neither runs initdb nor migrates: the server is the same cluster with the same template', async ({
  project,
  start,
  sandbox,
}) => {
  // What the server itself says: the cluster's identifier is made by initdb, the template's oid by CREATE DATABASE.
  const identity = `
    import { test } from 'playwright-stacks';
    test('identity', async ({ db }) => {
      const { rows } = await db.query(\`
        SELECT (SELECT system_identifier FROM pg_control_system()) AS cluster,
               (SELECT oid FROM pg_database WHERE datname LIKE 'stk_template_%') AS template\`);
      console.log('IDENTITY', JSON.stringify(rows));
    });
  `;
  const files = {
    'playwright.config.ts': configText({
      database: `role: 'superuser', ${miniDatabase.replace("'node sql.mjs migrations'", "'echo migrated >> migrated.txt; node sql.mjs migrations'")}`,
    }),
    ...only(identity),
  };
  const mini = await project('mini', { files, mayWrite: ['migrated.txt', 'cache/'] });
  const env = cacheOf(mini);
  const runs = [];
  for (const _ of ['first', 'second']) {
    const running = await start(mini, [], { env });
    runs.push({ steps: await stepsSeen(running, sandbox.scope.tag), result: await running.done });
  }
  // The processes themselves: the first run shows that they are seen when they are there.
  expect(runs.map(({ steps }) => steps)).toEqual([['initdb', 'migrations', 'seed'], []]);
  const [first, second] = runs.map(({ result }) => result) as [RunResult, RunResult];
  const identities = [first, second].map(({ output }) => output.match(/IDENTITY .*/)?.[0]);
  expect(identities[0]).toMatch(/IDENTITY \[\{"cluster":"\d+","template":\d+\}\]/);
  expect(identities[1]).toBe(identities[0]);
  expect(await mini.read('migrated.txt')).toBe('migrated\n');
  expect(postgres(first)).toMatchObject({ cluster: 'initdb' });
  expect(postgres(second)).toMatchObject({ cluster: 'cached' });
  expect([template(first)?.built, template(second)?.built]).toEqual([true, false]);
});

test('a changed input builds it anew', { tag: '@matrix' }, async ({ project, run }) => {
  const mini = await project('mini', { files: only(counting(1)), mayWrite: ['cache/'] });
  const env = cacheOf(mini);
  expect(template(await run(mini, [], { env }))).toMatchObject({ built: true });
  await mini.write('seed/more.sql', "INSERT INTO items (name) VALUES ('more')");
  await mini.write('e2e/a.spec.ts', counting(2));
  const changed = await run(mini, [], { env });
  expect(changed.output).toContain('1 passed');
  expect(template(changed)).toMatchObject({ built: true });
});

test('a step that writes into its own inputs is told from: every run would build the template anew', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const written = `'node sql.mjs migrations && date >> migrations/.snapshot'`;
  const database = (inputs: string) =>
    miniDatabase.replace("'node sql.mjs migrations'", written).replace("inputs: ['", `inputs: [${inputs}'`);
  const files = { 'playwright.config.ts': configText({ database: database('') }), ...only(counting(1)) };
  const mini = await project('mini', { files, mayWrite: ['cache/', 'migrations/.snapshot'] });
  const env = cacheOf(mini);
  const first = await run(mini, [], { env });
  expect(template(first)).toMatchObject({ built: true, meanwhile: 'new: migrations/.snapshot' });
  expect(first.output).toContain('its inputs changed meanwhile (new: migrations/.snapshot)');
  expect(template(await run(mini, [], { env }))).toMatchObject({ meanwhile: 'changed: migrations/.snapshot' });
  await mini.write('playwright.config.ts', configText({ database: database(`'!migrations/.snapshot', `) }));
  expect(template(await run(mini, [], { env })), 'made of the same as the first').toMatchObject({ built: false });
});

/** Which of the cold run's steps had a process of their own, looked for again and again until the run ended. */
async function stepsSeen({ ended }: Running, tag: string): Promise<string[]> {
  const seen = new Set<string>();
  await expect
    .poll(
      () => {
        for (const { name, command } of processesMarked([tag])) {
          if (name === 'initdb') seen.add(name);
          const step = command.match(/^node sql\.mjs (\w+)/)?.[1];
          if (step) seen.add(step);
        }
        return ended();
      },
      { intervals: [50], timeout: 60_000 },
    )
    .toBe(true);
  return [...seen].sort();
}

const counting = (items: number) => `
  import { expect, test } from '@playwright/test';
  test('items', async ({ request }) => expect(await (await request.get('/items')).json()).toHaveLength(${items}));
`;

test('without inputs the template is built every run, with a hint', { tag: '@matrix' }, async ({ project, run }) => {
  const files = {
    'playwright.config.ts': configText({ database: `migrate: 'node sql.mjs migrations'` }),
    ...only(counting(0)),
  };
  const mini = await project('mini', { files });
  for (const _ of ['first', 'second']) {
    const result = await run(mini, []);
    expect(result.output).toContain('1 passed');
    expect(result.output).toContain('set `database.inputs` to build it only when they change');
    expect(template(result)).toMatchObject({ built: true, reusable: false });
  }
});

test('a build that failed is trusted by no later run', { tag: '@matrix' }, async ({ project, run }) => {
  const mini = await project('mini', {
    files: { ...only(counting(1)), 'seed/z.sql': 'INSERT INTO nowhere VALUES (1)' },
  });
  const failed = await run(mini, []);
  expect(failed.output).toContain('COMMAND_FAILED: `database.seed` exited with code 1.');
  expect(failed.output).toContain('relation "nowhere" does not exist');
  expect(failed.exitCode).toBe(1);
  await mini.write('seed/z.sql', 'SELECT 1');
  expect((await run(mini, [])).output).toContain('1 passed');
});

test('a build interrupted by SIGKILL is trusted by no later run, on an existing server too', {
  tag: '@matrix',
}, async ({ project, start, run, sandbox, existingServer }) => {
  // Once only: the second run finds the file, and its migration does not hang.
  const migrate = `migrate: 'node sql.mjs migrations && (test -e hung || (touch hung && sleep 1000))'`;
  const database = `url: process.env.TEST_URL, ${miniDatabase.replace("migrate: 'node sql.mjs migrations'", migrate)}`;
  const files = { 'playwright.config.ts': configText({ database }), ...only(counting(1)) };
  const mini = await project('mini', { files, mayWrite: ['hung'] });
  const env = { TEST_URL: existingServer.url };
  const killed = await start(mini, [], { env });
  await expect.poll(() => mini.read('hung').catch(() => 'not yet'), { timeout: 30_000 }).toBe('');
  killed.kill('SIGKILL');
  await killed.done;
  // A runner that is killed leaves its folder and the command that it ran; the server's state is what matters here.
  await killMarked([mini.folder]);
  sandbox.expectLeak(/stk-/);
  const second = await run(mini, [], { env });
  expect(second.output).toContain('1 passed');
  expect(template(second)).toMatchObject({ built: true });
});

test('on an existing server runs share the template, and leave nothing but it', { tag: '@matrix' }, async ({
  project,
  start,
  existingServer,
}) => {
  const files = { 'playwright.config.ts': configText({ database: `url: process.env.TEST_URL, ${miniDatabase}` }) };
  const mini = await project('mini', { files, mayWrite: ['one/', 'two/'] });
  const env = { TEST_URL: existingServer.url };
  const runs = await Promise.all([start(mini, ['--output=one'], { env }), start(mini, ['--output=two'], { env })]);
  const results = await Promise.all(runs.map(({ done }) => done));
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(results.map((result) => template(result)?.built).sort()).toEqual([false, true]);
});

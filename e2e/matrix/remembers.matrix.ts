// What an application remembers, again and again on two workers beside two busy loops: with what helps no test is wrong.
// REMEMBERS_TIMES says how often, 100 by default.
import { type ChildProcess, spawn } from 'node:child_process';
import { type ConfigText, configText, miniDatabase } from '../harness/config-text.ts';
import { documentedOptions, MORE_WAYS, remembers, WAYS } from '../harness/remembers.ts';
import { expect, test } from '../harness/test.ts';

const TIMES = Number(process.env.REMEMBERS_TIMES ?? 100);
const LATE = 'a row .* late';
const FILE = 'a file';
const NOTHING_CLEARS = 'that nothing clears';

test.use({ templates: 'shared' });
test.setTimeout(3_600_000);
test.describe.configure({ mode: 'default' });

const polling = (server = '', env = '') =>
  `{ command: 'node app.mjs', url: '/healthz', ${server} env: { POLLS: '1', ${env} } }`;
const documented = documentedOptions();

/** What helps, and against what it does not. */
const HELPS: Readonly<Record<string, { readonly config: ConfigText; readonly not: readonly string[] }>> = {
  'the options of the page': {
    config: { ...documented, server: documented.server?.replace('env: {', `env: { POLLS: '1',`) ?? '' },
    not: [LATE, NOTHING_CLEARS],
  },
  'idle: { quiet }, against late rows': {
    config: { server: polling('idle: { quiet: 450 },', `UPLOADS: 'test-results/uploads'`) },
    not: ['^(?!.*a row .* late)'],
  },
  "restart: 'test' with a spare": {
    config: {
      server: polling(`restart: 'test', spares: 1,`, `UPLOADS: 'test-results/uploads'`),
      database: miniDatabase,
    },
    not: [FILE],
  },
};

for (const [what, { config, not }] of Object.entries(HELPS)) {
  test(`${what}, ${TIMES} times each`, async ({ project, run }) => {
    const files = {
      ...remembers,
      ...{ 'e2e/a.spec.ts': WAYS, 'e2e/b.spec.ts': MORE_WAYS, 'e2e/c.spec.ts': '', 'e2e/d.spec.ts': '' },
      'playwright.config.ts': configText(config),
    };
    const mini = await project('mini', { files });
    const loops = [busy(), busy()];
    const args = [`--repeat-each=${TIMES}`, `--grep-invert=${not.join('|')}`];
    const { events, exitCode } = await run(mini, args, { timeout: 3_600_000 }).finally(() => {
      for (const loop of loops) loop.kill('SIGKILL');
    });
    const tests = events.flatMap((event) => (event.type === 'test-ended' ? [event] : []));
    const wrong = tests.flatMap(({ test: { title }, status }) => (status === 'passed' ? [] : [`${title}: ${status}`]));
    const ways = new Set(tests.map(({ test: { title } }) => title.replace(/ is (made|gone)$/, '')));
    console.log(`${what}: ${ways.size} ways (${[...ways].join(', ')}), ${tests.length} tests, ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
    expect(tests.length).toBe(ways.size * 2 * TIMES);
    expect(exitCode).toBe(0);
  });
}

/** Takes what is left of a processor. */
function busy(): ChildProcess {
  return spawn('nice', ['-n', '10', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' });
}

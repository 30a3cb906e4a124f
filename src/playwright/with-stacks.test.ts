import { defineConfig, expect, type PlaywrightTestConfig, test } from '@playwright/test';
import { withStacks } from './with-stacks.ts';

// These tests run in a worker, where the config's options are not checked again: the runner's side is asked for.
test.beforeEach(() => {
  for (const name of ['TEST_WORKER_INDEX', 'PLAYWRIGHT_STACKS_RUN', 'CI', 'STACKS']) delete process.env[name];
});

const names = (entries: unknown) =>
  [entries].flat().map((entry) => String(entry).replace(/^.*\/(global-\w+)\.js$/, 'our $1'));

test('our set-up comes before the user’s, our teardown after', () => {
  const one = withStacks({ globalSetup: './mine.ts', globalTeardown: './mine.ts' });
  expect(names(one.globalSetup)).toEqual(['our global-setup', './mine.ts']);
  expect(names(one.globalTeardown)).toEqual(['./mine.ts', 'our global-teardown']);
  const many = withStacks({ globalSetup: ['a', 'b'], globalTeardown: ['c', 'd'] });
  expect(names(many.globalSetup)).toEqual(['our global-setup', 'a', 'b']);
  expect(names(many.globalTeardown)).toEqual(['c', 'd', 'our global-teardown']);
  expect(names(withStacks<PlaywrightTestConfig>({}).globalSetup)).toEqual(['our global-setup']);
});

test('the user’s reporters stay, and Playwright’s default where there are none', () => {
  const reporters = (config: Parameters<typeof withStacks>[0]) =>
    (withStacks(config).reporter as unknown as unknown[][]).map(([name, ...rest]) => [
      String(name).replace(/^.*\//, ''),
      ...rest,
    ]);
  expect(reporters({})).toEqual([['list'], ['reporter.js']]);
  expect(reporters({ reporter: 'html' })).toEqual([['html'], ['reporter.js']]);
  expect(reporters({ reporter: [['json', { outputFile: 'x' }], ['dot']] })).toEqual([
    ['json', { outputFile: 'x' }],
    ['dot'],
    ['reporter.js'],
  ]);
  process.env.CI = '1';
  expect(reporters({})).toEqual([['dot'], ['reporter.js']]);
});

test('everything else of the config is kept, and the config itself is not changed', () => {
  const config = defineConfig({
    testDir: 'e2e',
    retries: 2,
    use: { locale: 'de-DE' },
    webServer: { command: 'x', port: 1 },
  });
  const before = structuredClone({ ...config, use: { ...config.use } });
  const wrapped = withStacks(config);
  expect(wrapped).toMatchObject({ testDir: 'e2e', retries: 2, use: { locale: 'de-DE' } });
  expect(wrapped).not.toHaveProperty('webServer');
  expect(wrapped).not.toHaveProperty('projects');
  expect(config).toMatchObject(before);
});

test('in a worker every project carries our functions; in the runner all values are the user’s', () => {
  const projects = [
    { name: 'shop', use: { timezoneId: 'Asia/Tokyo' } },
    { name: 'admin', use: { stack: 'admin', isolation: 'file' } as object },
    { name: 'off', use: { isolation: 'off' } as object },
  ];
  const config = { use: { locale: 'de-DE' }, projects };
  const options = { variants: { admin: {} } };
  const inRunner = withStacks(config, options);
  expect([inRunner.use, ...inRunner.projects.map(({ use }) => use)]).toEqual([
    config.use,
    ...projects.map(({ use }) => use),
  ]);

  process.env.TEST_WORKER_INDEX = '0';
  const inWorker = withStacks(config, options);
  const functions = { timezoneId: expect.any(Function), serviceWorkers: expect.any(Function) };
  expect(inWorker.projects.map(({ use }) => use)).toMatchObject([
    { $variant: 'default', channel: expect.any(Function), ...functions },
    { $variant: 'admin', channel: expect.any(Function), isolation: 'file', ...functions },
    { isolation: 'off', channel: expect.any(Function), ...functions },
  ]);
  expect(inWorker.projects[1]?.use).not.toHaveProperty('stack');
});

test('the error for an unknown variant names the nearest', () => {
  const config = { projects: [{ name: 'a', use: { stack: 'admn' } as object }] };
  expect(() => withStacks(config, { variants: { admin: {} } })).toThrow(
    "`projects[0].use.stack` asks for an unknown variant 'admn'; did you mean 'admin'?",
  );
});

test('what would be dropped without a word is refused', () => {
  const message = (config: unknown, options: unknown = {}) => {
    try {
      withStacks(config as PlaywrightTestConfig, options as object);
      return 'no error';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const given = (what: string, hint: string) =>
    `OPTIONS_INVALID: withStacks() was given ${what} instead of a Playwright config.\n  hint: ${hint}`;
  const wait = 'wait for it: `export default withStacks(await config, { … })`.';
  expect(message(Promise.resolve({}))).toBe(given('a promise', wait));
  const call = 'call it: `export default withStacks(await config(), { … })`.';
  expect(message(async () => ({}))).toBe(given('a function', call));
  const write = 'write `export default withStacks(defineConfig({ … }), { … })`.';
  for (const what of [null, undefined, 'config']) expect(message(what)).toBe(given(String(what), write));
  const twice = given('what withStacks() has returned', 'call it once, with all options: it would set up twice.');
  expect(message(withStacks({}))).toBe(twice);
  expect(message(defineConfig({ ...withStacks({ globalSetup: 'mine' }) }))).toBe(twice);
  const promise = Promise.resolve({});
  expect(message({}, promise)).toContain('`options` is a promise: write `await` before it');
  expect(
    message({}, { database: promise, server: [promise], variants: { a: { database: { seed: promise } } } }),
  ).toMatch(/`database` is a promise.*\n.*`server\[0\]` is a promise.*\n.*`variants.a.database.seed` is a promise/);
});

test('STACKS=off returns the config itself', () => {
  process.env.STACKS = 'off';
  const config = { webServer: { command: 'x', port: 1 } };
  expect(withStacks(config, { nonsense: 1 } as object)).toBe(config);
});

test('STACKS=off fills {port} of an adopted webServer with its own port', () => {
  process.env.STACKS = 'off';
  const api = { command: 'api --port {port}', name: 'api', url: 'http://localhost:4000/healthz' };
  const webServer = [
    api,
    { command: 'web --port={port}', port: 3000, env: { API: 'http://localhost:{port:api}', JSON: '{"a": 1}' } },
  ];
  expect(withStacks({ webServer }).webServer).toEqual([
    { command: 'api --port 4000', name: 'api', url: 'http://localhost:4000/healthz' },
    { command: 'web --port=3000', port: 3000, env: { API: 'http://localhost:4000', JSON: '{"a": 1}' } },
  ]);
  expect(withStacks({ webServer: api }).webServer).toMatchObject({ command: 'api --port 4000' });
});

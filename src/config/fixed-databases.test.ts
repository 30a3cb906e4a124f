import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { readEnvFiles } from './env-files.ts';
import { fixedDatabases } from './fixed-databases.ts';
import { inheritedDatabases } from './inherited-databases.ts';

let root: string;
test.beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fixed-databases-'));
  write({ '.git': '', '.env': 'POSTGRES_URL=postgres://localhost/dev\n' });
});
test.afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

/** What is found, a line each. `migrate` is a step; `command` a server's. */
function found({
  migrate,
  command = 'npm start',
  allowed = [],
}: {
  migrate?: string;
  command?: string;
  allowed?: readonly string[];
} = {}): string[] {
  const steps = migrate === undefined ? [] : [{ text: migrate, cwd: root }];
  const project = {
    ...{ root, steps, allowed, commands: [...steps, { text: command, cwd: root }] },
    inherited: inheritedDatabases({}, readEnvFiles(root), root),
    provided: ['DATABASE_URL', 'POSTGRES_URL'],
  };
  return fixedDatabases(project).map(({ where, text }) => `${where} ${text}`);
}

const NAMES = 'loads .env files over the environment, and POSTGRES_URL of .env names localhost:5432/dev.';

test('a file of the application that loads .env over the environment is found through scripts and imports', () => {
  write({
    'package.json': '{ "scripts": { "prestart": "true", "start": "tsx src/main.ts" } }',
    'src/main.ts': `import './env.js';\n`,
    'src/env.ts': `import dotenv from 'dotenv';\n// override: false\ndotenv.config({\n  override: true,\n});\n`,
  });
  expect(found()).toEqual([`src/env.ts:4 ${NAMES} Leave out: override: true`]);
  expect(found({ allowed: ['POSTGRES_URL'] })).toEqual([]);
  write({ '.env': 'LOG=debug\n' });
  expect(found()).toEqual([]);
});

for (const [what, text] of [
  ['is a comment', `import dotenv from 'dotenv'; // with override: true\n`],
  ['is within a block', `import dotenv from 'dotenv';\n/*\n dotenv.config({ override: true })\n*/\n`],
  ['is another library’s', `theme({ override: true });\n`],
  ['is beside it', `import dotenv from 'dotenv';\ndotenv.config();\ntheme({ override: true });\n`],
  ['is the next call’s', `dotenv.config({ path: '.env' });\ntheme({ override: true });\n`],
  ['depends on the environment', `dotenv.config({ override: process.env.NODE_ENV === 'development' });\n`],
] as const) {
  test(`what reads like it and ${what} is none`, () => {
    write({ 'main.js': text, 'next.config.js': text });
    expect(found({ command: 'node main.js' })).toEqual([]);
  });
}

test('Python’s, and those of tools’ configs, are found too; Playwright’s config has nothing of ours to replace', () => {
  write({
    'manage.py': 'from dotenv import load_dotenv\nload_dotenv(override=True)\n',
    'vite.config.ts': `import 'dotenv';\ndotenv.config({ override: true });\n`,
    'playwright.config.ts': `dotenv.config({ override: true });\n`,
  });
  expect(found({ command: 'python manage.py runserver' })).toEqual([
    `vite.config.ts:2 ${NAMES} Leave out: override: true`,
    `manage.py:2 ${NAMES} Leave out: override=True`,
  ]);
});

for (const [command, remedy] of [
  ['dotenv -o -- npm start', 'Leave out: --override'],
  ['dotenvx run --overload -- npm start', 'Leave out: --overload'],
  ['env-cmd npm start', 'Write: env-cmd --no-override'],
  ['dotenv run flask run', 'Write: dotenv run --no-override'],
  ['set -a; . ./.env; npm start', 'Leave it out: the variables are set'],
  ['export $(cat .env | xargs) && npm start', 'Leave it out: the variables are set'],
] as const) {
  test(`the command \`${command}\` loads .env over the environment`, () => {
    expect(found({ command })).toEqual([`\`${command}\` ${NAMES} ${remedy}`]);
  });
}

test('commands that leave the environment alone are none', () => {
  for (const command of ['dotenv -- npm start', 'env-cmd --no-override npm start', 'node --env-file=.env main.js']) {
    expect(found({ command })).toEqual([]);
  }
});

test('a connection string in the config of an ORM is found, and one that a variable of ours replaces is not', () => {
  write({
    'prisma/schema.prisma': `datasource db {\n  provider = "postgresql"\n  url = "postgresql://me:pw@localhost:5433/dev"\n}\n`,
    'drizzle.config.ts': `export default { dbCredentials: { url: process.env.POSTGRES_URL ?? 'postgres://localhost/dev' } };\n`,
    'knexfile.js': `module.exports = {\n  development: { connection: 'postgres://localhost/dev' },\n  test: { connection: process.env.DATABASE_URL },\n};\n`,
    'src/data-source.ts': `export default new DataSource({ url: process.env.APP_DB || "postgres://localhost/dev" });\n`,
  });
  expect(found()).toEqual([
    'prisma/schema.prisma:3 names localhost:5433/dev, which no variable can change. Write env("DATABASE_URL") instead',
    `src/data-source.ts:1 falls back to localhost:5432/dev, as nothing sets APP_DB. Write: database: { env: 'APP_DB' }`,
  ]);
  expect(found({ allowed: ['localhost:5433', 'APP_DB'] })).toEqual([]);
});

test('what a step falls back to is found in its own files; a server’s is seen when it connects', () => {
  write({ 'db/sql.mjs': `new Client(process.env.DIRECT_URL ?? 'postgres://localhost/dev');\n` });
  expect(found({ migrate: 'node db/sql.mjs' })).toEqual([
    `db/sql.mjs:1 falls back to localhost:5432/dev, as nothing sets DIRECT_URL. Write: database: { env: 'DIRECT_URL' }`,
  ]);
  expect(found({ command: 'node db/sql.mjs' })).toEqual([]);
});

for (const [what, text, isDefault = false] of [
  ['a path', `dotenv.config({ path: '.env.flags', override: true });`],
  ['a path after it', `dotenv.config({ override: true, path: resolve(__dirname, '../.env.flags') });`],
  ['Python’s', `load_dotenv(BASE / ".env.flags", override=True)`],
  ['a path from calls', `dotenv.config({ path: resolve(dirname(file()), '.env.flags'), override: true });`],
  ['its default', `dotenv.config({ override: true });`, true],
] as const) {
  test(`a file that names no database may be loaded over the environment: ${what}`, () => {
    const where = isDefault ? '.env.production' : '.env.local';
    write({ '.env': 'LOG=debug\n', [where]: 'POSTGRES_URL=postgres://localhost/dev\n', '.env.flags': 'NEW_PAGE=1\n' });
    write({ 'main.js': `import 'dotenv';\n${text}\n` });
    expect(found({ command: 'node main.js' })).toEqual([]);
  });
}

for (const command of [
  'dotenv -e .env.flags -o -- npm start',
  'env-cmd -f .env.flags npm start',
  'env-cmd -e staging npm start',
  'dotenv -f .env.flags run flask run',
  '. ./.env.flags; npm start',
  'export $(grep -v "^#" .env.flags | xargs) && npm start',
  'docker build . --env-file=.env && npm start',
]) {
  test(`the command \`${command}\` loads no file that names a database`, () => {
    write({ '.env.flags': 'NEW_PAGE=1\n' });
    expect(found({ command })).toEqual([]);
  });
}

test('a file that names a database is found wherever the loader takes it from, also after one that names none', () => {
  write({ '.env': 'LOG=debug\n', 'ops/dev.env': 'APP_DB=postgres://localhost/other\n' });
  const names = 'loads .env files over the environment, and APP_DB of ops/dev.env names localhost:5432/other.';
  write({
    'main.js': `import 'dotenv';\nconfig({ override: true });\nconfig({ path: 'ops/dev.env', override: true });\n`,
  });
  expect(found({ command: 'node main.js' })).toEqual([`main.js:3 ${names} Leave out: override: true`]);
  const command = 'set -a; . .env; . ops/dev.env; npm start';
  expect(found({ command })).toEqual([`\`${command}\` ${names} Leave it out: the variables are set`]);
  // What is known only when it runs may be any of those that are there.
  write({ '.env.local': 'POSTGRES_URL=postgres://localhost/dev\n' });
  for (const path of [`\`.env.\${stage}\``, `'.env' + suffix`, 'file', 'resolve(dirname(file()), at)']) {
    write({ 'main.js': `import 'dotenv';\nconfig({ path: ${path}, override: true });\n` });
    expect(found({ command: 'node main.js' }), path).toHaveLength(1);
  }
  expect(found({ command: 'dotenv -e $FILE -o -- npm start' })).toHaveLength(1);
});

for (const [what, file, text] of [
  ['destructured with a default', 'a.mjs', `const { DATABASE_URL = 'postgres://localhost/dev' } = process.env;`],
  [
    'a schema’s',
    'a.mjs',
    `z.object({ DATABASE_URL: z.string().default('postgres://localhost/dev') }).parse(process.env);`,
  ],
  ['env-var’s', 'a.mjs', `env.get('DATABASE_URL').default('postgres://localhost/dev').asString();`],
  ['Deno’s', 'a.ts', `Deno.env.get('DATABASE_URL') ?? 'postgres://localhost/dev';`],
  ['Python’s', 'a.py', `os.environ.get("DATABASE_URL", "postgresql://localhost/dev")`],
  ['sample data', 'a.mjs', `insert({ kind: 'postgres', url: 'postgres://demo:demo@db.example.com/demo' });`],
] as const) {
  test(`a connection string that a variable of the slot’s replaces, or that leads nowhere, is none: ${what}`, () => {
    write({ [file]: `${text}\n` });
    expect(found({ migrate: `run ${file}` })).toEqual([]);
  });
}

for (const [file, text, expected] of [
  ['a.mjs', `const DATABASE_URL = 'postgres://localhost/dev';`, 'Write process.env.DATABASE_URL instead'],
  [
    'b.mjs',
    `run('x', { env: { DATABASE_URL: 'postgres://localhost/dev' } });`,
    'Write process.env.DATABASE_URL instead',
  ],
  ['a.py', `DATABASE_URL = "postgresql://localhost/dev"`, `Write os.environ['DATABASE_URL'] instead`],
] as const) {
  test(`one that is only called like the variable is found in ${file}`, () => {
    write({ [file]: `${text}\n` });
    expect(found({ migrate: `run ${file}` })).toEqual([
      `${file}:1 names localhost:5432/dev, which no variable can change. ${expected}`,
    ]);
  });
}

test('Sequelize’s sections may have a variable; db-migrate takes DATABASE_URL instead of its file', () => {
  const development = { url: 'postgres://localhost/dev' };
  const config = { development, production: { use_env_variable: 'DATABASE_URL' } };
  write({ 'config/config.json': JSON.stringify(config), 'database.json': JSON.stringify({ dev: development.url }) });
  expect(found()).toEqual([]);
  write({ 'config/config.json': JSON.stringify({ development }) });
  expect(found()).toEqual([
    'config/config.json:1 names localhost:5432/dev, which no variable can change. Let it read DATABASE_URL',
  ]);
});

test('a pipe is not waited for', () => {
  execFileSync('mkfifo', [join(root, 'main.js')]);
  expect(found({ command: 'node main.js' })).toEqual([]);
});

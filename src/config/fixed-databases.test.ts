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

// What is said of an extension that a server lacks, and how that is told from what programs print.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { extensionTrouble, missingHint, type ServerWithout, troubleHint } from './hints.ts';
import { localInstallations } from './local-postgres.ts';

const DEBIAN: ServerWithout = {
  kind: 'embedded',
  version: '15.20 (Debian 15.20-0+deb12u1)',
  bin: '/usr/lib/postgresql/15/bin',
};
const EMBEDDED: ServerWithout = { kind: 'embedded', version: '18.4' };

test('an installation’s lack comes with the command of the system that it is from', () => {
  const of = (version: string, bin: string) => ({ kind: 'embedded', version, bin }) as const;
  expect(missingHint(['vector', 'postgis'], DEBIAN)).toBe(
    'run `apt-get install postgresql-15-pgvector postgresql-15-postgis-3`.',
  );
  expect(missingHint(['postgis', 'postgis_topology', 'pg_partman', 'mysql_fdw', 'citext'], DEBIAN)).toBe(
    'run `apt-get install postgresql-15-postgis-3 postgresql-15-partman postgresql-15-mysql-fdw postgresql-15`.',
  );
  expect(missingHint(['vector'], of('17.2', '/usr/pgsql-17/bin'))).toBe('run `dnf install pgvector_17`.');
  expect(missingHint(['vector'], of('17.2 (Homebrew)', '/opt/homebrew/opt/postgresql@17/bin'))).toBe(
    'run `brew install pgvector`.',
  );
  expect(missingHint(['vector', 'fish'], DEBIAN)).toBe(
    'install "vector" and "fish" for Postgres 15: `apt-cache search postgresql-15-` lists what there is.',
  );
  expect(missingHint(['fish'], of('16.1', '/opt/pg/bin'))).toBe('install "fish" for Postgres 16, from where that is.');
});

test('an existing server’s comes with what to do where it is', () => {
  expect(missingHint(['vector'], { kind: 'existing', version: '17.2 (Debian 17.2-1.pgdg120+1)' })).toBe(
    'on the server’s machine: run `apt-get install postgresql-17-pgvector`; in a container: the image pgvector/pgvector:pg17.',
  );
});

test('the npm packages’ comes with an installation of this machine that has it, or could', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stk-test-'));
  for (const version of ['16', '17', 'old', '9.6']) {
    mkdirSync(join(folder, version, 'bin'), { recursive: true });
    mkdirSync(join(folder, version, 'share/extension'), { recursive: true });
    writeFileSync(join(folder, version, 'bin/postgres'), '');
    if (version !== '17') writeFileSync(join(folder, version, 'bin/initdb'), '');
  }
  writeFileSync(join(folder, '16/share/extension/vector.control'), '');
  const local = localInstallations([`${folder}/*/bin`, '/no/such/*']);
  expect(local).toEqual([{ bin: `${folder}/16/bin`, major: 16 }]);
  expect(missingHint(['vector'], EMBEDDED, local)).toBe(
    `Postgres 16 of this machine has it: write \`binaries: '${folder}/16/bin'\` in the options of the database.`,
  );
  expect(missingHint(['vector', 'postgis'], EMBEDDED, [{ bin: '/usr/lib/postgresql/16/bin', major: 16 }])).toBe(
    "that of the npm packages has only what comes with Postgres: run `apt-get install postgresql-16-pgvector postgresql-16-postgis-3`, and write `binaries: '/usr/lib/postgresql/16/bin'` in the options of the database.",
  );
  rmSync(folder, { recursive: true });
});

test('what a failed program has said tells what it lacks', () => {
  const lacks: readonly (readonly [string, string, string])[] = [
    ['ERROR:  extension "vector" is not available', 'not available', 'vector'],
    [
      'error: could not open extension control file "/usr/share/postgresql/15/extension/uuid-ossp.control": No such file or directory',
      'not available',
      'uuid-ossp',
    ],
    ['could not access file "$libdir/postgis-3": No such file or directory', 'not available', 'postgis'],
    ['ERROR: permission denied to create extension "postgis"', 'not allowed', 'postgis'],
    ['PrismaClient: ERROR: type "vector" does not exist', 'not created', 'vector'],
    ['type "public.geometry" does not exist', 'not created', 'postgis'],
  ];
  for (const [text, kind, name] of lacks) expect(extensionTrouble(text)).toEqual({ kind, name });
  for (const type of ['mood', 'constructor']) {
    expect(extensionTrouble(`type "${type}" does not exist`)).toBeUndefined();
  }
  expect(troubleHint({ kind: 'not available', name: 'vector' }, DEBIAN)).toBe(
    'Postgres 15 in /usr/lib/postgresql/15/bin has no extension "vector": run `apt-get install postgresql-15-pgvector`.',
  );
  expect(troubleHint({ kind: 'not allowed', name: 'postgis' }, EMBEDDED)).toBe(
    'a superuser has to create "postgis", which the owner of the database is not: write `extensions: [\'postgis\']` beside `migrate`, and it is there (`CREATE EXTENSION IF NOT EXISTS` passes).',
  );
});

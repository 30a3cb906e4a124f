// Extensions that are unpacked elsewhere, as a package of Debian's is by `dpkg-deb -x`.
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { withClient } from '../client/connection.ts';
import { findBinaries } from './binaries.ts';
import { chooseBinaries } from './choose-binaries.ts';
import { postgresUser } from './postgres-user.ts';

const { signal } = new AbortController();
let testBed: TestBed;
let vendor: string;
test.beforeEach(async () => {
  testBed = await newTestBed();
  vendor = await mkdtemp('/tmp/stk-test-');
  testBed.lifetime.defer(`remove ${vendor}`, () => rm(vendor, { recursive: true }));
  await chmod(vendor, 0o755);
});
test.afterEach(() => testBed.lifetime.close());

const choose = (extensionPath: readonly string[], binaries?: string) =>
  chooseBinaries('/', { extensionPath, binaries }, { option: 'database', signal });

/** The extension `elsewhere`, whose library is a copy of contrib's. Written for the place where it does not lie. */
async function unpack(version = '1.0'): Promise<void> {
  const share = join(vendor, 'usr/share/postgresql/18/extension');
  const lib = join(vendor, 'usr/lib/postgresql/18/lib');
  const other = join(vendor, 'usr/share/postgresql/17/extension');
  for (const folder of [share, lib, other]) await mkdir(folder, { recursive: true });
  const { libraries } = await findBinaries('/');
  await copyFile(join(String(libraries), 'fuzzystrmatch.so'), join(lib, 'elsewhere.so'));
  const control = `default_version = '${version}'\nmodule_pathname = '$libdir/elsewhere'\nrelocatable = true\n`;
  await writeFile(join(share, 'elsewhere.control'), control);
  await writeFile(join(other, 'elsewhere.control'), 'of another major');
  await writeFile(
    join(share, `elsewhere--${version}.sql`),
    `CREATE FUNCTION distance(text, text) RETURNS int AS 'MODULE_PATHNAME', 'levenshtein' LANGUAGE C STRICT;
     CREATE FUNCTION sound(text) RETURNS text AS '$libdir/elsewhere', 'soundex' LANGUAGE C STRICT;`,
  );
}

test('they are created from there, with libraries that say $libdir, and another build of one is another cluster', async () => {
  await unpack();
  // To what another package brings, and one that leads in circles.
  for (const to of ['libgeos.so.3', 'libgeos.so']) {
    await symlink(to, join(vendor, 'usr/lib/postgresql/18/lib', to === 'libgeos.so' ? to : 'libgdal.so'));
  }
  const binaries = await choose([vendor]);
  const server = await testBed.start({ binaries });
  const rows = await withClient(server.connect({ purpose: 'test' }), async (client) => {
    await client.query('CREATE EXTENSION elsewhere');
    await client.query('CREATE EXTENSION hstore'); // of its own folder
    return (await client.query("SELECT distance('cat', 'cart'), sound('Robert'), ('a=>1'::hstore -> 'a') AS own")).rows;
  });
  expect(rows).toEqual([{ distance: 1, sound: 'R163', own: '1' }]);
  await server.close();
  await unpack('1.1');
  expect((await choose([vendor])).identity).not.toBe(binaries.identity);
});

test('a folder without one, one that cannot be read, and a Postgres that cannot look there are errors that say so', async () => {
  await expect(choose([vendor])).rejects.toThrow(
    `POSTGRES_MISSING: \`database.extensionPath\`: ${vendor} has no extension for Postgres 18: no folder \`extension\` with a \`.control\` file.
  hint: unpack one there: \`dpkg-deb -x postgresql-18-pgvector_*.deb ${vendor}\`.`,
  );
  await unpack();
  test.skip(!postgresUser(), 'only for root does Postgres run as another user');
  const control = join(vendor, 'usr/share/postgresql/18/extension/elsewhere.control');
  await chmod(control, 0o600);
  await expect(choose([vendor])).rejects.toThrow(
    `\`database.extensionPath\`: ${control} cannot be read by uid 65534, as whom Postgres has to run: it refuses to be root.`,
  );
  await chmod(vendor, 0o700);
  await expect(choose([vendor])).rejects.toThrow(`${vendor} cannot be read by uid 65534`);
  await expect(choose([vendor], '/usr/lib/postgresql/15/bin')).rejects.toThrow(
    'OPTIONS_INVALID: `database.extensionPath` needs Postgres 18 or newer, and this is 15.',
  );
});

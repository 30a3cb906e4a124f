// On an existing server that others share: what they have, plant and alter is not ours.
import { expect, test } from '@playwright/test';
import { Lifetime } from '../../lifetime.ts';
import { keptName, newRunKey } from '../../names.ts';
import { newTestBed } from '../../testing/postgres.ts';
import { type Client, connect, withClient } from '../client/connection.ts';
import { withDatabase } from '../client/connection-string.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';
import { keptDatabases } from '../databases/kept-databases.ts';
import { type MakeOptions, makeDatabase } from '../databases/make-database.ts';
import { amendment, type Made } from '../databases/registry.ts';
import { ensureTemplate, type TemplateSpec } from '../databases/template.ts';
import { connectTo, useExisting } from './existing.ts';
import { sweepDatabases } from './sweep-databases.ts';

test.describe.configure({ mode: 'default' }); // one server
const lifetime = new Lifetime();
const { signal } = new AbortController();
let admin: Client;
let superuser: string;
/** Roles with CREATEDB. */
let one: string;
let other: string;

test.beforeAll(async () => {
  const testBed = await newTestBed();
  lifetime.defer('testBed', () => testBed.lifetime.close());
  const server = await testBed.start();
  superuser = server.urlFor('postgres', 'superuser');
  admin = await server.connect({ purpose: 'test' });
  const as = async (role: string) => {
    await admin.query(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'x'`);
    return Object.assign(new URL(superuser), { username: role, password: 'x' }).href;
  };
  [one, other] = [await as('one'), await as('other')];
});
test.afterAll(() => lifetime.close());
test.afterEach(() => admin.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata'));

const query = (url: string, sql: string) =>
  withClient(connect({ connectionString: url }, 'test', { purpose: 'test', settings: 'inherited' }), (client) =>
    client.query(sql),
  );

/** A run's use of the server, until the test ends. */
const use = (url: string, mine: Lifetime) =>
  useExisting({ url, run: newRunKey(), connections: 1, signal, lifetime: mine });

/** What a run of `url`'s role has made, and left. */
async function make(url: string, options: Omit<MakeOptions, 'comment'>): Promise<Made> {
  await using mine = new Lifetime();
  const server = await use(url, mine);
  return withClient(server.connect({ purpose: 'test' }), (client) =>
    makeDatabase(server, client, { comment: '', ...options }),
  );
}

const sweep = (url: string) =>
  withClient(connectTo(url, { purpose: 'sweep' }), async (client) => {
    const { dropped, failures } = await sweepDatabases(client, 'drop');
    return [...dropped, ...failures];
  });

const oidOf = async (name: string) =>
  String((await admin.query('SELECT oid FROM pg_database WHERE datname = $1', [name])).rows[0]?.oid);

/** Names that are ours but for something, or were in an earlier version. */
function* spellings(): Generator<string> {
  const keys = ['1732890000', 'deadbeef00', '0123456789', 'abcdefabcd', 'ABCDEFABCD', '0123456789abcdef'];
  const kinds = ['', 'template_', 'building_', 'kept_', 'making_', 'Template_', 'clone_'];
  const ends = ['', '_0', '_1_admin', '__audit', '_backup'];
  for (const key of keys) for (const kind of kinds) for (const end of ends) yield `stk_${kind}${key}${end}`;
  const odd = [
    '"; DROP DATABASE postgres; --',
    "' OR true; --",
    '\n',
    '\\',
    '%',
    '日本語',
    '\u001b[31m',
    ' ',
    '$1',
    '_',
  ];
  for (const end of odd) for (const name of [`stk_deadbeef00_0${end}`, `${end}stk_deadbeef00_0`]) yield name;
  for (const name of ['stk', 'stk_', 'STK_deadbeef00_0', 'stk-deadbeef00-0', 'stk_orders', 'playwright-stacks'])
    yield name;
  for (const end of ['x', "'", '"', 'ß']) yield 'stk_deadbeef00_0'.padEnd(62, end).slice(0, end === 'ß' ? 39 : 63);
}

test('two hundred databases of others in every spelling near ours stay, byte for byte', {
  tag: '@matrix',
}, async () => {
  test.setTimeout(180_000);
  const comments = [null, '{"playwright-stacks":{"run":"deadbeef00","template":"0123456789abcdef"}}', 'mine'];
  await admin.query('CREATE DATABASE precious');
  await query(withDatabase(superuser, 'precious'), `CREATE TABLE precious AS SELECT 'data' AS data`);
  const names = [...new Set(spellings())].slice(0, 200);
  expect(names).toHaveLength(200);
  for (const [index, name] of names.entries()) {
    const [database, owner] = [quoteIdent(name), ['postgres', 'one', 'other'][index % 3]];
    await admin.query(`CREATE DATABASE ${database} OWNER ${owner} TEMPLATE precious STRATEGY FILE_COPY`);
    const comment = comments[index % 4] ?? null;
    if (comment) await admin.query(`COMMENT ON DATABASE ${database} IS ${quoteLiteral(comment)}`);
    if (index % 5 === 0) await admin.query(`ALTER DATABASE ${database} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
    if (index % 7 === 0) await admin.query(`ALTER DATABASE ${database} SET work_mem = '5MB'`);
  }
  const look = async () =>
    (
      await admin.query(
        `
        SELECT d.*, d.oid, d.xmin, shobj_description(d.oid, 'pg_database') AS comment, setconfig,
               (SELECT md5(string_agg(concat(file, s), ',' ORDER BY file))
                  FROM pg_ls_dir('base/' || d.oid) file, pg_stat_file('base/' || d.oid || '/' || file) s) AS files
          FROM pg_database d LEFT JOIN pg_db_role_setting ON setdatabase = d.oid
         WHERE datname = ANY ($1)
         ORDER BY d.oid`,
        [names],
      )
    ).rows;
  await admin.query('CHECKPOINT');
  const before = await look();
  expect(before).toHaveLength(200);
  const left = [await make(superuser, { kind: 'run', run: newRunKey(), name: 'stk_deadbeef00_7' })];
  left.push(await make(one, { kind: 'run', run: newRunKey(), name: 'stk_deadbeef00_8' }));
  for (const url of [one, superuser, other]) await sweep(url);
  expect(await look()).toEqual(before);
  for (const name of names) await admin.query(`ALTER DATABASE ${quoteIdent(name)} WITH IS_TEMPLATE false`);
  for (const name of [...names, 'precious']) await admin.query(`DROP DATABASE ${quoteIdent(name)}`);
});

test('an entry that another role has written for a database that is not its own is not believed', async () => {
  await admin.query('CREATE DATABASE stk_persons OWNER one');
  const { entry, name } = await make(other, { kind: 'run', run: newRunKey(), name: 'stk_bait' });
  const claim = { ...entry, note: { ...entry.note, name: 'stk_persons', oid: await oidOf('stk_persons') } };
  await query(withDatabase(other, 'postgres'), amendment(claim));
  for (const url of [superuser, one, other])
    expect((await sweep(url)).filter((text) => text === 'stk_persons')).toEqual([]);
  expect(await oidOf('stk_persons')).toBe(claim.note.oid);
  await admin.query(`DROP DATABASE ${name}`);
});

test('an entry of another role that names a session of somebody else as its maker ends nobody', async () => {
  const { entry, name } = await make(other, { kind: 'run', run: newRunKey(), name: 'stk_bait' });
  const { oid: _, ...note } = entry.note;
  await using mine = new Lifetime();
  const victim = await connect({ connectionString: one }, 'test', { purpose: 'victim' });
  mine.defer('victim', () => victim.end());
  // With the right to see when sessions began, as a monitoring role has it.
  const { rows } = await victim.query<{ pid: number; since: string }>(
    `SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint::text AS since FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
  );
  const [{ pid = 0, since = '' } = {}] = rows;
  const making = { name: 'stk_making_0', pid, since };
  await query(withDatabase(other, 'postgres'), amendment({ ...entry, note: { ...note, making } }));
  for (const url of [superuser, one, other]) await sweep(url);
  expect((await victim.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await admin.query(`DROP DATABASE IF EXISTS ${name}`);
});

test("what a superuser may drop of another role's dead runs he does, and uses nothing of it", async () => {
  const run = newRunKey();
  const { name } = await make(other, { kind: 'run', run, name: 'stk_of_other' });
  const kept = await make(other, { kind: 'run', run, name: keptName(run, 1) });
  const after = { test: 't', file: 'f', slot: 0, variant: 'default', root: '/', at: '', database: 'main' };
  await query(other, amendment({ ...kept.entry, note: { ...kept.entry.note, kind: 'kept', kept: after } }));
  expect(await withClient(connectTo(superuser, { purpose: 'kept' }), keptDatabases)).toEqual([]);
  expect(await withClient(connectTo(other, { purpose: 'kept' }), keptDatabases)).toHaveLength(1);
  expect(await sweep(one)).toEqual([]);
  expect(await sweep(superuser)).toEqual([name]);
  await admin.query(`DROP DATABASE ${kept.name}`);
  expect(await sweep(superuser)).toEqual([]);
  expect((await admin.query('SELECT FROM pg_largeobject_metadata')).rowCount).toBe(0);
});

const spec = (changes: Partial<TemplateSpec> = {}): TemplateSpec => ({
  ...{ kind: 'template', key: `${newRunKey()}abcdef`, run: newRunKey(), extensions: [], role: 'owner' },
  ...{ migrate: undefined, seed: undefined },
  ...changes,
});

test('a template that another role has planted is not used, and blocks nobody', async () => {
  await using mine = new Lifetime();
  const server = await use(superuser, mine);
  const wanted = spec();
  // Of the name that it would have without its unguessable part, and one with a true entry of the other role's.
  await admin.query(`CREATE DATABASE stk_template_${wanted.key} OWNER other IS_TEMPLATE true ALLOW_CONNECTIONS false`);
  const planted = await ensureTemplate(await use(other, mine), wanted, signal);
  const template = await ensureTemplate(server, wanted, signal);
  expect(template.built).toBe(true);
  expect(template.database).not.toBe(planted.database);
  expect((await ensureTemplate(server, wanted, signal)).database).toBe(template.database);
});

test('a template that was altered since it was sealed is not used', async () => {
  await using mine = new Lifetime();
  const server = await use(one, mine);
  const wanted = spec();
  const alterations = [
    (name: string) =>
      `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true; ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`,
    (name: string) => `ALTER DATABASE ${name} OWNER TO other`,
    (name: string) => `ALTER DATABASE ${name} SET search_path TO elsewhere`,
    (name: string) => `ALTER ROLE one IN DATABASE ${name} SET search_path TO elsewhere`,
    (name: string) => `ALTER DATABASE ${name} RENAME TO stk_renamed`,
  ];
  let { database } = await ensureTemplate(server, wanted, signal);
  for (const alteration of alterations) {
    expect(await ensureTemplate(server, wanted, signal)).toMatchObject({ built: false, database });
    await admin.query(alteration(database));
    const next = await ensureTemplate(server, wanted, signal);
    expect(next.built).toBe(true);
    database = next.database;
  }
});

test('runs whose connection strings name different databases build a template once, and see that the others live', async () => {
  await using mine = new Lifetime();
  await admin.query('CREATE DATABASE somewhere OWNER one');
  let migrations = 0;
  const key = `${newRunKey()}abcdef`;
  const migrate: TemplateSpec['migrate'] = async () => {
    migrations += 1;
    await expect.poll(async () => (await admin.query(WAITING)).rowCount).toBe(2);
  };
  const urls = [one, withDatabase(one, 'somewhere'), withDatabase(one, 'no_such'), withDatabase(one, 'template1')];
  const servers = await Promise.all(urls.map((url) => use(url, mine)));
  const builders = servers.slice(0, 3).map((server) => ensureTemplate(server, spec({ key, migrate }), signal));
  const templates = await Promise.all(builders);
  expect(migrations).toBe(1);
  expect(new Set(templates.map(({ database }) => database)).size).toBe(1);
  expect(await sweep(withDatabase(one, 'somewhere'))).toEqual([]);
});

const WAITING = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;

test('a builder seals only the database that it has made', async () => {
  await using mine = new Lifetime();
  const server = await use(one, mine);
  const migrate: TemplateSpec['migrate'] = async ({ env: { PGDATABASE: name } }) => {
    await admin.query(`ALTER DATABASE ${name} RENAME TO stk_moved`);
    await admin.query(`CREATE DATABASE ${name} OWNER one`);
  };
  const wanted = spec({ migrate });
  await expect(ensureTemplate(server, wanted, signal)).rejects.toThrow(
    /^POSTGRES_FAILED: the template "stk_template_\w+" was renamed or dropped while it was built\./,
  );
  // What it has made is gone under its new name, too, and so is what was made in its place.
  expect((await admin.query(`SELECT FROM pg_database WHERE datname ~ '${wanted.key}|stk_moved'`)).rowCount).toBe(0);
});

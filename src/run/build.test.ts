import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { ResolvedBuild, ResolvedStacks } from '../config/resolved.ts';
import { Events, type StacksEvent } from '../events.ts';
import { newRunKey } from '../names.ts';
import { connect, withClient } from '../postgres/client/connection.ts';
import { ensureTemplate, type Template } from '../postgres/databases/template.ts';
import { cacheFolder } from '../postgres/embedded/cache-folder.ts';
import type { EmbeddedServer } from '../postgres/embedded/embedded-server.ts';
import { newTestBed, type TestBed } from '../testing/postgres.ts';
import { type BuildContext, build } from './build.ts';
import { DatabaseConnections } from './proof/connected-to.ts';

test.describe.configure({ mode: 'default' }); // one server
const signal = new AbortController().signal;
let testBed: TestBed;
let server: EmbeddedServer;
let root: string;
test.beforeAll(async () => {
  testBed = await newTestBed();
  server = await testBed.start();
  root = join(testBed.folder, 'project');
  mkdirSync(join(root, 'src'), { recursive: true });
  writeFileSync(join(root, 'src/page.ts'), '');
});
test.afterAll(() => testBed.lifetime.close());

const query = (url: string, sql: string) =>
  withClient(
    connect({ connectionString: url }, 'test', { purpose: 'test', settings: 'inherited' }),
    async (client) => (await client.query(sql)).rows,
  );

function newTemplate(notes: number): Promise<Template> {
  const migrate = async ({ url }: { url: string }) => void (await query(url, 'CREATE TABLE note (id int)'));
  const seed = async ({ url }: { url: string }) =>
    void (await query(url, `INSERT INTO note SELECT generate_series(1, ${notes})`));
  const spec = { kind: 'template' as const, key: newRunKey(), run: newRunKey(), extensions: [] };
  return ensureTemplate(server, { ...spec, role: 'owner', migrate, seed }, signal);
}

/** Builds, and returns what it was told of it. The page says how many notes there are, and which build it is. */
let builds = 0;
async function built(
  template: Template,
  option: Partial<ResolvedBuild> = {},
  more = (_url: string) => '',
): Promise<StacksEvent> {
  const run = async ({ url }: { url: string }) => {
    const [{ count }] = await query(url, 'SELECT count(*)::int AS count FROM note');
    await query(url, 'INSERT INTO note VALUES (0)');
    builds += 1;
    mkdirSync(join(root, 'out/pages'), { recursive: true });
    writeFileSync(join(root, 'out/pages/a.html'), `${count} notes in build ${builds}${more(url)}`);
  };
  const task = { kind: 'function' as const, run: run as (context: unknown) => unknown };
  const database = { name: 'main', role: 'owner', env: {}, inheritedEnv: {} };
  const config = {
    ...{ root, buildTimeout: 20_000, build: { task, inputs: ['src/**'], outputs: ['out'], ...option } },
    variants: new Map([['default', { name: 'default', databases: [database] }]]),
  } as unknown as ResolvedStacks;
  const known = { development: undefined, inherited: [], taken: [], named: [], allowed: [] };
  const events = new Events();
  const emitted: StacksEvent[] = [];
  events.on((event) => emitted.push(event));
  const templates = new Map([['default', [template]]]);
  const connections = new DatabaseConnections(server, known);
  const context = { run: newRunKey(), config, postgres: server, templates, connections, events, signal };
  await build({ ...context, journal: {} as BuildContext['journal'] });
  const event = emitted.find(({ type }) => type === 'built');
  if (!event) throw new Error('nothing was told');
  return event;
}

const page = () => readFileSync(join(root, 'out/pages/a.html'), 'utf8');

test('build has a clone of the template of its own, which is gone after it, and is not repeated without need', async () => {
  writeFileSync(join(root, 'src/page.ts'), '1');
  const template = await newTemplate(3);
  expect(await built(template)).toMatchObject({ type: 'built' });
  expect(page()).toBe('3 notes in build 1');
  expect(
    await query(
      server.urlFor('postgres', 'superuser'),
      `SELECT datname FROM pg_database WHERE datname LIKE '%\\_build'`,
    ),
  ).toEqual([]);

  expect(await built(template)).toMatchObject({ reused: true });
  expect(page()).toBe('3 notes in build 1');
  // Its inputs, its outputs (a server has written a page anew), the template.
  writeFileSync(join(root, 'src/page.ts'), '2');
  expect(await built(template)).not.toHaveProperty('reused');
  writeFileSync(join(root, 'out/pages/a.html'), 'written by a server');
  await built(template);
  expect(page()).toBe('3 notes in build 3');
  await built(await newTemplate(4));
  expect(page()).toBe('4 notes in build 4');
});

test('a link that leads elsewhere since, or a record that was cut off, has it built again', async () => {
  const template = await newTemplate(1);
  const link = join(root, 'out/current');
  await built(template);
  symlinkSync('pages', link);
  expect(await built(template)).not.toHaveProperty('reused');
  expect(await built(template)).toMatchObject({ reused: true });
  rmSync(link);
  symlinkSync('.', link);
  expect(await built(template)).not.toHaveProperty('reused');
  const cache = await cacheFolder(root);
  const record = readdirSync(cache).find((name) => /^build-\w+\.json$/.test(name)) ?? '';
  writeFileSync(join(cache, record), '{"key"');
  expect(await built(template)).not.toHaveProperty('reused');
});

test('what is built into a usual folder is looked at, also where no outputs are named', async () => {
  const template = await newTemplate(1);
  const naming = (url: string) => {
    mkdirSync(join(root, 'dist/server'), { recursive: true });
    writeFileSync(join(root, 'dist/server/db.mjs'), `connect('${url}')`);
    return '';
  };
  expect(await built(template, { inputs: undefined, outputs: [] }, naming)).toMatchObject({
    tainted: 'dist/server/db.mjs',
  });
  rmSync(join(root, 'dist'), { recursive: true });
});

test('outputs that name the database that they were built on are not used again', async () => {
  const template = await newTemplate(1);
  const naming = (url: string) => `, from ${url}`;
  expect(await built(template, {}, naming)).toMatchObject({ tainted: 'out/pages/a.html' });
  expect(await built(template, {}, naming)).toMatchObject({ tainted: 'out/pages/a.html' });
});

test('without inputs it is built in every run', async () => {
  const template = await newTemplate(1);
  const before = builds;
  for (let n = 0; n < 2; n += 1) await built(template, { inputs: undefined, outputs: [] });
  expect(builds).toBe(before + 2);
});

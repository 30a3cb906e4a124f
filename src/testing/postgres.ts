// What tests of Postgres need: a folder and a cache of their own, a free port, a server that ends with the test.
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lifetime } from '../lifetime.ts';
import { newRunKey } from '../names.ts';
import type { EmbeddedServer } from '../postgres/embedded/embedded-server.ts';
import { type EmbeddedOptions, startEmbedded } from '../postgres/embedded/start.ts';
import { madeOnce } from './made-once.ts';

export interface TestBed {
  readonly folder: string;
  readonly lifetime: Lifetime;
  /** Starts a server whose cluster comes from its cache. */
  start(options?: Partial<EmbeddedOptions>): Promise<EmbeddedServer>;
}

/**
 * A new one; `close` the lifetime to remove everything.
 * @param cache what its cache holds before the first server is started
 */
export async function newTestBed({
  cache = 'base cluster',
}: {
  cache?: 'base cluster' | 'nothing';
} = {}): Promise<TestBed> {
  const folder = await mkdtemp(join(tmpdir(), 'stk-test-'));
  const lifetime = new Lifetime();
  lifetime.defer(`remove ${folder}`, () => rm(folder, { recursive: true, force: true }));
  // Enterable, as a project's folder is: that it need not be has a test of its own.
  await mkdir(join(folder, 'project'), { recursive: true });
  await chmod(folder, 0o755);
  const ownCache = join(folder, 'cache');
  const { STACKS_CACHE: before } = process.env;
  process.env.STACKS_CACHE = ownCache;
  lifetime.defer('put STACKS_CACHE back', () => {
    if (process.env.STACKS_CACHE !== ownCache) return; // another bed's, by now
    if (before === undefined) delete process.env.STACKS_CACHE;
    else process.env.STACKS_CACHE = before;
  });
  const startOne = async (options: Partial<EmbeddedOptions> = {}) =>
    startEmbedded({
      root: join(folder, 'project'),
      run: newRunKey(),
      folder,
      owner: {},
      slots: 2,
      port: await freePort(),
      clusterKey: undefined,
      signal: new AbortController().signal,
      lifetime,
      ...options,
    });
  let filling: Promise<void> | undefined;
  const fillCache = () => madeOnce('cache', ownCache, 'links', async () => (await startOne()).close());
  const start: TestBed['start'] = async (options) => {
    if (cache === 'base cluster') filling ??= fillCache();
    await filling;
    return startOne(options);
  };
  return { folder, lifetime, start };
}

/** A port below the ephemeral range that nobody listens on. */
export async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
  return free ? port : freePort();
}

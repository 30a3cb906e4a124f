// The rounds: start a run, hurt it at a random moment, see that all of it goes and that the runs beside it pass.
import { readdirSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { Random } from '../fuzz/random.ts';
import type { ExistingServer } from '../harness/existing-server.ts';
import { describeLeaks, findLeaks, type Leak, marksOf } from '../harness/leaks.ts';
import { lockService } from '../harness/lock-service.ts';
import type { Project } from '../harness/project.ts';
import type { GitRepository } from '../harness/repository.ts';
import { openSandbox } from '../harness/sandbox.ts';
import { watchMemory } from '../harness/shared-memory.ts';
import { expect, test } from '../harness/test.ts';
import { untilClean } from '../harness/until-clean.ts';
import { WAYS } from './ends.ts';
import { misjudged } from './judge.ts';
import { pickMoment } from './moments.ts';
import {
  change,
  makeProject,
  makeWorkspaceProject,
  SERVERS,
  startBystander,
  startOtherUser,
  TESTS,
} from './projects.ts';
import { type Round, tally } from './tally.ts';

const { CHAOS_MINUTES = '1', CHAOS_SEED = '1', CHAOS_RESULT } = process.env;
const ROUNDS_BESIDE_THEM = 10;
/** Milliseconds that a run may take. */
const HANGS = 300_000;

test('chaos', async ({ home, sandbox, existingServer }) => {
  const random = new Random(Number(CHAOS_SEED));
  const until = Date.now() + Number(CHAOS_MINUTES) * 60_000;
  const projects = {
    embedded: await makeProject(sandbox, 'embedded', 'daemons'),
    existing: await makeProject(sandbox, 'existing', 'daemons'),
  };
  const victims = {
    ...{ 'embedded server': { project: projects.embedded }, 'existing server': { project: projects.existing } },
    'embedded server, spares': { project: await makeProject(sandbox, 'embedded', 'daemons', 'test') },
    'existing server, spares': { project: await makeProject(sandbox, 'existing', 'daemons', 'test') },
    worktrees: await makeWorkspaceProject(sandbox),
  };
  // Strings that name different databases of one server mean the same server.
  for (const name of DATABASES) await existingServer.adminQuery(`CREATE DATABASE ${name}`);
  // What /tmp is to the users of a machine.
  const shared = await mkdtemp('/tmp/e2e-shared-');
  await chmod(shared, 0o1777);
  const rounds: Round[] = [];
  let harmed = 0;
  while (Date.now() < until) {
    const bystanders = await Promise.all([
      ...SERVERS.map((kind) => startBystander(sandbox, projects[kind], existingServer.url)),
      // Another user's takes root.
      ...(process.getuid?.() === 0 ? [startOtherUser(sandbox, shared, existingServer.url)] : []),
    ]);
    for (let count = 0; count < ROUNDS_BESIDE_THEM && Date.now() < until; count += 1) {
      const kind = random.pick(Object.keys(victims) as (keyof typeof victims)[]);
      rounds.push(await playRound(home, { kind, ...victims[kind] }, existingServer, random, shared));
    }
    for (const { exitCode, output } of await Promise.all(bystanders.map(({ stop }) => stop()))) {
      if (exitCode !== 0) console.error(`the run beside it was harmed:\n${output}`);
      harmed += exitCode === 0 ? 0 : 1;
    }
  }
  for (const name of DATABASES) await existingServer.adminQuery(`DROP DATABASE ${name}`);
  await rm(shared, { recursive: true });
  const result = { minutes: Number(CHAOS_MINUTES), seed: Number(CHAOS_SEED), ...tally(rounds, harmed) };
  if (CHAOS_RESULT) writeFileSync(CHAOS_RESULT, JSON.stringify(result, undefined, 2));
  const { survivors, late, hung, misjudged } = result;
  expect({ survivors, late, harmed, hung, misjudged }).toEqual({
    ...{ survivors: 0, late: 0, harmed: 0, hung: 0, misjudged: 0 },
  });
});

const DATABASES = ['first', 'second'];

async function playRound(
  home: string,
  { kind, project, repository }: VictimProject,
  server: ExistingServer,
  random: Random,
  shared: string,
): Promise<Round> {
  const way = random.pick(Object.keys(WAYS));
  const moment = pickMoment(random);
  const changed = random.once(4) && kind !== 'worktrees';
  if (changed) await change(project);
  const sandbox = await openSandbox(home, []);
  const named = random.pick(['postgres', ...DATABASES]);
  const daemons = random.once(2);
  const beside = random.once(2);
  const env = {
    TEST_URL: server.url.replace(/postgres$/, named),
    ...(daemons && { DAEMONS: '1' }),
    ...(beside && { TMPDIR: shared }),
  };
  const before = await repository?.snapshot();
  const memory = watchMemory(marksOf(sandbox.scope));
  const running = await sandbox.start(project, ['a.spec', 'b.spec'], { env, timeout: HANGS });
  await moment.come(running);
  const cleanedBy = WAYS[way]?.({ running, tag: sandbox.scope.tag, random });
  const unhurt = cleanedBy === undefined || cleanedBy === 'nothing';
  const done = await running.done.catch(() => undefined);
  const hung = done === undefined;
  const wrong = done && !unhurt ? misjudged(way, done, TESTS) : undefined;
  const ended = performance.now();
  if (cleanedBy === 'sweep') await (await sandbox.start(project, ['d.spec', '--pass-with-no-tests'], { env })).done;
  const began = cleanedBy === 'sweep' ? performance.now() : ended;
  const look = async () => {
    const runs = sandbox.scope.runs().map(({ run }) => run);
    return [
      ...(await findLeaks(sandbox.scope)),
      ...leftIn(shared, runs),
      ...(await leftDatabases(server, runs)),
      ...memory.orphans().map((text): Leak => ({ kind: 'shared memory', text })),
      ...(repository ? await leftInRepository(repository, before) : []),
    ];
  };
  const { seconds, late } = await untilClean(look, began);
  memory.stop();
  const events = running.events().map(({ type }) => type);
  const title = `${kind}, ${way} at ${moment.title} (last ${events.at(-1)}${changed ? ', migrates' : ''}${daemons ? ', daemons' : ''}${beside ? ', beside another user' : ''}, ${named})`;
  console.error(`${title}: ${hung ? 'HUNG, ' : ''}${seconds === undefined ? 'LEFT' : `${seconds} s`}`);
  if (unhurt) console.error('  nothing was there to be hurt: not counted');
  if (wrong !== undefined) console.error(`  it ended otherwise than it should: ${wrong}`);
  if (late.length > 0) console.error(`  after 5 s there was still\n${describeLeaks(late)}`);
  await sandbox.close().catch(() => {}); // What is left was told.
  return { way, seconds, hung, misjudged: wrong, unhurt };
}

interface VictimProject {
  readonly kind: string;
  readonly project: Project;
  readonly repository?: GitRepository;
}

/** What differs in the user's repository, and a lock service that nobody uses. That locks are free, the next round shows. */
async function leftInRepository(repository: GitRepository, before: unknown): Promise<Leak[]> {
  const now = await repository.snapshot();
  const differs = Object.entries(now).filter(([name, said]) => Reflect.get(Object(before), name) !== said);
  const service =
    lockService() === 'idle' ? [{ kind: 'process', text: 'a lock service that nobody uses' } as const] : [];
  return [...service, ...differs.map(([name, said]): Leak => ({ kind: 'worktree', text: `git's ${name}: ${said}` }))];
}

/** With a key of these runs in their names. */
function leftIn(folder: string, runs: readonly string[]): Leak[] {
  const left = readdirSync(folder).filter((name) => runs.some((run) => name.includes(run)));
  return left.map((name) => ({ kind: 'temporary file', text: path.join(folder, name) }));
}

/** On the existing server, with a key of these runs in their names. */
async function leftDatabases({ adminQuery }: ExistingServer, runs: readonly string[]): Promise<Leak[]> {
  const rows = await adminQuery('SELECT datname FROM pg_database WHERE datname LIKE $1', ['stk\\_%']);
  const left = rows.filter(({ datname }) => runs.some((run) => String(datname).includes(run)));
  return left.map(({ datname }) => ({ kind: 'database', text: String(datname) }));
}

// Tasks in worktrees, round after round in one run, with the same worktrees.
import { makeRepository } from '../harness/repository.ts';
import { expect, test } from '../harness/test.ts';
import { expectAll, ROUND, ROUNDS, timeout } from './rounds.ts';

test.describe.configure({ timeout: timeout + 60_000 });

test(`four independent tasks in four workers, ${ROUNDS} times: no conflict, and no trace`, async ({ project, run }) => {
  const files = {
    'e2e/tasks.spec.ts': `${ROUND}
      for (const round of rounds) for (const task of ['sow', 'water', 'weed', 'harvest']) {
        test(task + ' ' + round, async ({ request, workspace, stack }) => {
          await allBegan(round, task, 4);
          const file = task + '-' + round + '.txt';
          await request.post('/task?file=' + file, { data: task });
          expect((await workspace.git('log', '--format=%s %D')).stdout).toMatch(task + ' HEAD -> ' + stack.key);
          await expect(workspace).toHaveChanged([
            { path: 'tasks/' + file, op: 'create', after: task + '\\n' },
            { path: 'cache/' + file, op: 'create' },
          ]);
        });
      }
    `,
  };
  const shop = await project('repository', { files, mayWrite: ['begun/'] });
  const repository = await makeRepository(shop);
  const before = await repository.snapshot();
  const result = await run(shop, [], { report: 'json', timeout });
  expectAll(result, { expected: 4 * ROUNDS, flaky: 0 });
  const refs = result.events.flatMap((event) => (event.type === 'committed' ? event.refs : []));
  expect(new Set(refs).size).toBe(4 * ROUNDS);
  expect(new Set(refs.map((ref) => ref.split('/')[2])).size).toBe(4);
  expect(result.events.filter(({ type }) => type === 'conflicts')).toEqual([]);
  expect(await repository.snapshot()).toEqual(before);
});

test(`two tasks on one file, ${ROUNDS} times: each conflict is told with both slots and the file`, async ({
  project,
  run,
}) => {
  const files = {
    'e2e/tasks.spec.ts': `${ROUND}
      for (const round of rounds) for (const task of ['sow', 'water']) {
        test(task + ' ' + round, async ({ request }) => {
          await allBegan(round, task, 2);
          await request.post('/task?file=list-' + round + '.txt', { data: task });
        });
      }
    `,
  };
  const shop = await project('repository', { files, mayWrite: ['begun/'] });
  const repository = await makeRepository(shop);
  const before = await repository.snapshot();
  const result = await run(shop, ['--workers=2'], { report: 'json', timeout });
  expectAll(result, { expected: 2 * ROUNDS, flaky: 0 });
  const found = result.events.flatMap((event) => (event.type === 'conflicts' ? event.conflicts : []));
  expect(found.map(({ files: [file], slots }) => `${file} ${[...slots].sort()}`).sort()).toEqual(
    Array.from({ length: ROUNDS }, (_, round) => `tasks/list-${round}.txt 0,1`).sort(),
  );
  expect(await repository.snapshot()).toEqual(before);
});

test(`two tasks on one file with a lock, ${ROUNDS} times: one waits for the other, the file has both lines, no conflict`, async ({
  project,
  run,
}) => {
  const files = {
    'e2e/tasks.spec.ts': `${ROUND}
      const shared = process.cwd() + '/begun/shared.git';
      const list = 'the list of ' + process.cwd();
      for (const round of rounds) for (const [task, other] of [['sow', 'water'], ['water', 'sow']]) {
        test(task + ' ' + round, async ({ request, workspace, lock, stack }) => {
          await allBegan(round, task, 2);
          await using held = await lock(list);
          const isFirst = !existsSync('begun/first-' + round);
          if (isFirst) {
            writeFileSync('begun/first-' + round, task);
            await untilQueued(stack, list, other + ' ' + round);
          } else expect(readFileSync('begun/first-' + round, 'utf8')).toBe(other + ' has released');
          await workspace.git('pull', '--quiet', '--ff-only', shared, 'main');
          const file = 'list-' + round + '.txt';
          await request.post('/task?file=' + file, { data: task });
          expect(workspace.read('tasks/' + file)).toBe(isFirst ? task + '\\n' : other + '\\n' + task + '\\n');
          await workspace.git('push', '--quiet', shared, 'HEAD:main');
          if (isFirst) writeFileSync('begun/first-' + round, task + ' has released');
        });
      }
    `,
    'begun/none': '',
  };
  const shop = await project('repository', { files, mayWrite: ['begun/'] });
  const repository = await makeRepository(shop);
  await repository.git('clone', '--quiet', '--bare', '.', 'begun/shared.git');
  const inShared = (...args: string[]) => repository.git('--git-dir', 'begun/shared.git', ...args);
  await inShared('config', 'receive.autoGc', 'false');
  const before = await repository.snapshot();
  const result = await run(shop, ['--workers=2'], { report: 'json', timeout });
  expectAll(result, { expected: 2 * ROUNDS, flaky: 0 });
  for (let round = 0; round < ROUNDS; round += 1) {
    const lines = await inShared('show', `main:tasks/list-${round}.txt`);
    expect(lines.split('\n').sort()).toEqual(['sow', 'water']);
  }
  const found = result.events.flatMap((event) => (event.type === 'conflicts' ? event.conflicts : []));
  expect(found).toEqual([]);
  expect(await repository.snapshot()).toEqual(before);
});

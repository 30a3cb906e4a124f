// What a test has changed, as data.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

/** Prints the steps of each test, but for Playwright's own, each under where it stands. */
const STEPS_REPORTER = `
  const shown = ({ title, steps, category, location }, above = []) => [
    ...(category === 'test.step' ? [[...above, title].join(' > ') + ' ' + location.file.split('/').at(-1)] : []),
    ...steps.flatMap((step) => shown(step, category === 'hook' || category === 'test.step' ? [...above, title] : above)),
  ];
  export default class {
    onTestEnd({ title }, { steps }) {
      console.log('STEPS', title, JSON.stringify(steps.flatMap((step) => shown(step))));
    }
    printsToStdio() { return false; }
  }
`;

const steps = `
  import { test } from 'playwright-stacks';
  test('has steps', async ({ db, lock }) => {
    await lock('steps ' + process.cwd());
    await db.query('CREATE TABLE more (id int)');
  });
`;

test('db.changes(), db.mark(), db.rewind() and toHaveChanged; what a test waits for is among its steps', async ({
  project,
  run,
}) => {
  const spec = only(`
    import { expect, test } from 'playwright-stacks';
    let kept, before;
    const insert = (db, name) => db.query('INSERT INTO items (name) VALUES ($1)', [name]);

    test('changes are net, typed and ordered', async ({ db, request }) => {
      expect(await db.changes()).toEqual([]);
      await request.post('/items', { data: 'b' });
      await insert(db, 'a');
      await insert(db, 'gone');
      await db.query("DELETE FROM items WHERE name = 'gone'");
      await db.query("UPDATE items SET name = 'renamed' WHERE id = 1");
      expect(await db.changes()).toEqual([
        { table: 'public.items', op: 'update', key: { id: 1 }, before: { name: 'seeded' }, after: { name: 'renamed' } },
        { table: 'public.items', op: 'insert', key: { id: 2 }, before: undefined, after: { id: 2, name: 'b' } },
        { table: 'public.items', op: 'insert', key: { id: 3 }, before: undefined, after: { id: 3, name: 'a' } },
      ]);
      await expect(db).toHaveChanged([
        { table: 'public.items', op: 'insert', after: { name: 'a' } },
        { table: 'items', op: 'insert' },
        { table: 'public.items', op: 'update', key: { id: 1 } },
      ]);
      await expect(db).not.toHaveChanged([{ table: 'public.items', op: 'delete' }]);
      expect(await db.changes({ ignore: ['items'] })).toEqual([]);
      await expect(db.changes({ only: ['itmes'] })).rejects.toThrow("OPTIONS_INVALID: \`only\` names 'itmes', and there is no such table.");
    });

    test('a mark is a moment of the test', async ({ db }) => {
      kept = db;
      await insert(db, 'before');
      before = await db.mark();
      await insert(db, 'after');
      await db.rewind(before);
      await expect(db).toHaveChanged([{ table: 'public.items', op: 'insert', after: { name: 'before' } }]);
      await insert(db, 'after');
      await db.rewind(before);
    });

    test('what has ended', async ({ db }) => {
      await expect(db.rewind(before)).rejects.toThrow('MARK_UNKNOWN: db.rewind() was given a mark of another test.');
      await expect(kept.changes()).rejects.toThrow('OPTIONS_INVALID: db.changes() was called outside the test that it was given to.');
    });

    test('what is not there is said', async ({ db }) => {
      await insert(db, 'x');
      await expect(db).toHaveChanged([{ table: 'public.items', op: 'delete', key: { id: 1 } }], { timeout: 1 });
    });

    test('has its statements', async ({ db, request }) => {
      await insert(db, 'not the application');
      await request.get('/items');
      await request.post('/items', { data: 'x' });
      const statements = await db.statements();
      expect(statements.map(({ sql }) => sql)).toEqual([
        'SELECT id, name FROM items ORDER BY id',
        'INSERT INTO items (name) VALUES ($1) RETURNING id, name',
      ]);
      expect(statements[1]).toMatchObject({ parameters: ['x'], ms: expect.any(Number), error: undefined });
      await expect(db).toHaveQueried({ most: 2 });
      await expect(db).toHaveQueried({ matching: /insert into items/i, times: 1 });
      await expect(db).not.toHaveQueried({ matching: /delete/i });
      const message = 'the application has run 1 statements that match /insert/i, expected: at most 0\\n  INSERT INTO items';
      await expect(expect(db).toHaveQueried({ matching: /insert/i, most: 0, timeout: 1 })).rejects.toThrow(message);
    });

    test('is retried until it is so', async ({ db, request }) => {
      const late = request.post('/late?ms=300', { data: 'late' });
      await expect(db).toHaveChanged([{ table: 'public.items', op: 'insert', after: { name: 'late' } }]);
      await late;
    });
  `);
  const files = {
    ...spec,
    'playwright.config.ts': configText({ config: `reporter: [['list'], ['./steps-reporter.mjs']]` }),
    'steps-reporter.mjs': STEPS_REPORTER,
    'e2e/b.spec.ts': steps,
  };
  const { output, report } = await run(await project('mini', { files }), ['--workers=1'], { report: 'json' });
  const lines = output.split('\n').map((line) => line.trim());
  const at = lines.indexOf('Error: the database has not changed as expected (- expected, + is there; 0 as expected):');
  expect(lines.slice(at + 1, at + 3)).toEqual([
    '- delete public.items key {"id":1}',
    '+ insert public.items key {"id":2} after {"id":2,"name":"x"}',
  ]);
  expect(report?.stats).toMatchObject({ expected: 6, unexpected: 1 });
  const stepsOf = (title: string) =>
    JSON.parse(lines.find((line) => line.startsWith(`STEPS ${title} [`))?.slice(7 + title.length) ?? '[]');
  expect(stepsOf('a mark is a moment of the test')).toEqual(['After Hooks > rewind a.spec.ts']);
  expect(stepsOf('has steps')).toEqual([
    expect.stringMatching(/^lock "steps .*" b\.spec\.ts$/),
    'After Hooks > rewind b.spec.ts',
    'After Hooks > clone b.spec.ts',
    'After Hooks > server "web" b.spec.ts',
  ]);
  const [attached] = (report?.suites[0]?.specs ?? [])
    .flatMap(({ tests }) => tests.flatMap(({ results }) => results.flatMap(({ attachments }) => attachments)))
    .filter(({ name }) => name === 'database changes');
  expect(JSON.parse(Buffer.from(attached?.body ?? '', 'base64').toString())).toEqual([
    { table: 'public.items', op: 'insert', key: { id: 2 }, after: { id: 2, name: 'x' } },
  ]);
});

// What capture costs the application: the same statements with it and without, one session each, or eight with pgbench.
import { rewind } from '../src/rewind/rewind.ts';
import { type Answer, answer } from './answer.ts';
import { contest } from './contest.ts';
import type { TestBed } from './test-bed.ts';
import { askAboutThroughput } from './tpcb.ts';

const ONE = {
  INSERT: (n: number) => ({ name: 'i', text: 'INSERT INTO t28 (parent, name) VALUES ($1, $2)', values: [1, `x${n}`] }),
  UPDATE: (n: number) => ({ name: 'u', text: 'UPDATE t28 SET name = $1 WHERE id = $2', values: [`y${n}`, 40 + n] }),
  DELETE: (n: number) => ({ name: 'd', text: 'DELETE FROM t28 WHERE id = $1', values: [40 + n] }),
} as const;
const MANY_ROWS = `INSERT INTO t3 (parent, name) SELECT 1, 'n' || g FROM generate_series(1, 20000) g`;
const GOALS = { INSERT: 1.3, UPDATE: 1.4, DELETE: 1.4 } as const;

export async function askAboutCapture(testBed: TestBed, tell: (answer: Answer) => void): Promise<void> {
  const { app, control, start } = await testBed.openDatabase('priced', 'small_captured');
  await testBed.clone('unpriced', 'small');
  const bare = await testBed.cluster.connect('unpriced');
  for (const op of ['INSERT', 'UPDATE', 'DELETE'] as const) {
    const counts = { app: 0, bare: 0 };
    const { ours, theirs } = await contest(1000, {
      ours: { run: () => app.query(ONE[op](++counts.app)) },
      theirs: { run: () => bare.query(ONE[op](++counts.bare)) },
    });
    tell(answer(`a single-row ${op}`, ours, 'without capture', theirs, { ratio: GOALS[op] }));
  }
  const bulk = await contest(9, {
    ours: { prepare: () => rewind(control, start), run: () => app.query(MANY_ROWS) },
    theirs: { prepare: () => bare.query('DELETE FROM t3 WHERE id > 40'), run: () => bare.query(MANY_ROWS) },
  });
  tell(answer('a 20,000-row INSERT', bulk.ours, 'without capture', bulk.theirs, { ratio: 1.5 }));
  await askAboutThroughput(testBed, tell);
}

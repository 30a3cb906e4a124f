// `npm run bench -- explain`: what it costs that a failed test can be explained: statements that are counted, logged, or both,
// and what a test pays for its counts.

import { type Counting, countingIn } from '../src/postgres/statements/counting.ts';
import { LOG_STATEMENTS } from '../src/postgres/statements/log-format.ts';
import { CountedStatements } from '../src/worker/counted-statements.ts';
import { type Answer, answer } from './answer.ts';
import { contest } from './contest.ts';
import { openTestBed, type TestBed } from './test-bed.ts';

const ROUNDS = 2_000;
const UNCOUNTED = { 'pg_stat_statements.track': 'none', compute_query_id: 'off' };
const COUNTED = { 'pg_stat_statements.track': 'top', compute_query_id: 'on' };
/** The settings of a session of each. */
const SESSIONS = {
  plain: UNCOUNTED,
  counted: COUNTED,
  logged: { ...UNCOUNTED, ...LOG_STATEMENTS },
  both: { ...COUNTED, ...LOG_STATEMENTS },
} as const;
type Kind = keyof typeof SESSIONS;

/** As an application runs them, by the number of the round. */
const STATEMENTS: Readonly<Record<string, (n: number) => { name?: string; text: string; values: unknown[] }>> = {
  'a SELECT by key': (n) => ({ text: 'SELECT * FROM t28 WHERE id = $1', values: [1 + (n % 40)] }),
  'the same, prepared': (n) => ({ name: 'key', text: 'SELECT * FROM t28 WHERE id = $1', values: [1 + (n % 40)] }),
  'an UPDATE': (n) => ({ text: 'UPDATE t28 SET name = $1 WHERE id = $2', values: [`y${n}`, 1 + (n % 40)] }),
  'a join with an aggregate': (n) => ({
    text: 'SELECT a.name, count(*) FROM t28 a JOIN t27 b ON b.parent = a.parent WHERE a.id < $1 GROUP BY 1 ORDER BY 2',
    values: [30 + (n % 10)],
  }),
};

export async function benchExplain(tell: (answer: Answer) => void): Promise<void> {
  const testBed = await openTestBed();
  try {
    await testBed.makeTemplates('small', 30, 1_000);
    await askAboutStatements(testBed, tell);
    await askAboutCounts(testBed, tell);
  } finally {
    await testBed.cluster.close();
  }
}

async function askAboutStatements({ cluster, clone }: TestBed, tell: (answer: Answer) => void): Promise<void> {
  await clone('explained', 'small');
  const sessions = await Promise.all(
    Object.values(SESSIONS).map(async (settings) => {
      const client = await cluster.connect('explained');
      for (const [name, value] of Object.entries(settings)) await client.query(`SET ${name} = '${value}'`);
      return client;
    }),
  );
  for (const [what, statement] of Object.entries(STATEMENTS)) {
    let round = 0;
    const contenders = Object.keys(SESSIONS).map((kind, index) => [
      kind,
      { run: async () => sessions[index]?.query(statement(++round)) },
    ]);
    const ms: Record<Kind, number> = await contest(ROUNDS, Object.fromEntries(contenders));
    for (const kind of ['counted', 'logged', 'both'] as const) {
      // Of logging it is what a test takes that counts, and most of that is no SQL.
      const goal = kind === 'counted' ? { ratio: 1.02 } : undefined;
      tell(answer(`${what}, ${kind}`, 1_000 * ms[kind], 'plain', 1_000 * ms.plain, goal, 'µs'));
    }
  }
}

/** Of a test with 50 statements, 10 of them distinct. */
async function askAboutCounts({ cluster, admin, clone }: TestBed, tell: (answer: Answer) => void): Promise<void> {
  await clone('counted', 'small');
  await admin.query('CREATE EXTENSION pg_stat_statements');
  const counting = (await countingIn(admin)) as Counting;
  const app = await cluster.connect('counted');
  const url = (user: string) => `postgresql://${user}@127.0.0.1:${cluster.port}/counted`;
  const counts = new CountedStatements(counting, url('postgres'), url('postgres'));
  const body = async (): Promise<void> => {
    for (let n = 0; n < 50; n++) await app.query(`SELECT ${n % 10} AS a${n % 10}`);
  };
  const { counted, nothing } = await contest(200, {
    counted: {
      prepare: body,
      run: async () => {
        await counts.read(['counted']);
        await counts.begin(['counted']);
      },
    },
    nothing: { prepare: body, run: async () => {} },
  });
  tell(answer('the counts of a test', counted, 'none', nothing, { most: 1 }));
}

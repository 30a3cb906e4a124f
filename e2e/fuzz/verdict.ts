// The oracle: after a rewind the whole database is what it was at the mark; impossible it is only with a reason.
import { type Change, changes } from '../../src/rewind/changes.ts';
import { RewindImpossible } from '../../src/rewind/impossible.ts';
import { lookForUnseenDdl } from '../../src/rewind/mark.ts';
import { type Rewound, rewind } from '../../src/rewind/rewind.ts';
import { atRest, type Marked, type Playback } from './playback.ts';
import { differences, readState, readStateIfFree, type State } from './state.ts';

/** What rewind promised and did not keep. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** Rewinds to the mark that is `back` from the last. `at work`: the application is not waited for. */
export async function goBack(
  playback: Playback,
  back: number,
  application: 'at rest' | 'at work',
): Promise<'good' | 'spent'> {
  const { clone, marks, say } = playback;
  marks.splice(marks.length - back);
  const to = marks.at(-1);
  if (!to) throw new Error('there is no mark');
  if (application === 'at work') {
    // What comes late is undone by the next rewind, which is below.
    say(`-- rewind to mark ${to.mark} while the application is at work`);
    const early = await attempt(playback, to);
    if (early instanceof RewindImpossible) {
      await atRest(playback);
      return judge(early, to, playback);
    }
  }
  await atRest(playback);
  const before = await readStateIfFree(clone.observer);
  const listed = await changes(clone.control, to.mark).catch((error: unknown) => error as Error);
  say(`-- rewind to mark ${to.mark}`);
  if (playback.hidden && clone.ddl === 'event triggers') await lookForUnseenDdl(clone.control);
  const done = await attempt(playback, to);
  await atRest(playback);
  const after = await readState(clone.observer);
  if (done instanceof RewindImpossible) {
    if (before) expectSame(before, after, 'a rewind that was impossible changed something');
    return judge(done, to, playback);
  }
  expectSame(to.state, after, 'the database is not what it was at the mark');
  if (to.deeds.certain.has('ddl') && clone.ddl === 'event triggers')
    throw new Broken('DDL was committed, and the rewind did not notice it');
  if (before && done.ended.length === 0) expectListed(listed, before, to.state);
  await expectNothingLeft(playback, to);
  await expectDrawnBack(playback, to);
  to.deeds.perhaps.clear();
  return 'good';
}

async function attempt({ clone }: Playback, { mark }: Marked): Promise<Rewound | RewindImpossible> {
  const ours = [(clone.observer as unknown as { processID: number }).processID];
  try {
    return await rewind(clone.control, mark, { ours, active: 400, writing: 40 });
  } catch (error) {
    if (error instanceof RewindImpossible) return error;
    throw new Broken(`rewind failed: ${String(error)}`, { cause: error });
  }
}

async function judge(
  impossible: RewindImpossible,
  { deeds }: Marked,
  { say, always, clone, sessions }: Playback,
): Promise<'spent'> {
  say(`-- ${impossible.message}`);
  if (always && impossible.reason === 'always-trigger') return 'spent';
  const bound = /binds? this role|may not|affected by row-level security|foreign key/.test(impossible.why);
  if (clone.rewinder === 'owner' && bound) return 'spent';
  // It can neither see nor end another role's session.
  const locked = impossible.reason === 'locked' && sessions.some(({ inside }) => inside);
  if (clone.rewinder === 'owner' && locked) return 'spent';
  if (/cannot be written back as they were/.test(impossible.why) && (await isFunctionChanged(clone))) return 'spent';
  if (!deeds.certain.has(impossible.reason) && !deeds.perhaps.has(impossible.reason))
    throw new Broken(`a false alarm: ${impossible.message}`, { cause: impossible });
  return 'spent';
}

/** The one that generated columns call: what they hold was computed by another. */
async function isFunctionChanged({ observer }: Playback['clone']): Promise<boolean> {
  const { rows } = await observer.query(
    `SELECT FROM pg_proc WHERE proname = 'twice' AND prosrc NOT LIKE '%inner_twice%' OR proname = 'inner_twice' AND prosrc NOT LIKE '%* 2%'`,
  );
  return rows.length > 0;
}

function expectSame(expected: State, actual: State, otherwise: string): void {
  const differ = differences(expected, actual);
  if (differ.length > 0) throw new Broken(`${otherwise}:\n${differ.join('\n')}`);
}

function expectListed(listed: Change[] | Error, before: State, state: State): void {
  if (listed instanceof Error) throw new Broken(`changes() failed: ${listed.message}`, { cause: listed });
  const rows = differences(state, before).filter((line) => line.startsWith('rows of'));
  if ((rows.length === 0) !== (listed.length === 0))
    throw new Broken(`changes() told ${JSON.stringify(listed)} where these differ:\n${rows.join('\n')}`);
}

async function expectNothingLeft({ clone }: Playback, { mark }: Marked): Promise<void> {
  const { rows } = await clone.control.query(
    'SELECT (SELECT count(*) FROM playwright_stacks.log)::int + (SELECT count(*) FROM playwright_stacks.kept WHERE before > $1)::int AS left',
    [mark],
  );
  if (JSON.stringify(rows) !== '[{"left":0}]') throw new Broken(`captured images were left: ${JSON.stringify(rows)}`);
}

// Drawn from when nobody has written since: up to 32 values are drawn without a transaction id.
async function expectDrawnBack(playback: Playback, to: Marked): Promise<void> {
  const { observer } = playback.clone;
  const { rows: names } = await observer.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences
     WHERE cache_size = 1 AND last_value IS NOT NULL ORDER BY 1`,
  );
  const name = names[to.mark % names.length]?.name;
  if (!name) return;
  const state = async (): Promise<string> =>
    JSON.stringify((await observer.query(`SELECT last_value, is_called FROM ${name}`)).rows);
  const before = await state();
  const drawn = await observer.query('SELECT nextval($1)', [name]).catch(() => undefined); // Its last value may be drawn.
  if (!drawn) return;
  const done = await attempt(playback, to);
  const after = await state();
  if (done instanceof Error || after !== before)
    throw new Broken(`${name} was drawn from alone: ${before} before, ${after} after the rewind; ${String(done)}`);
}

// Plays a program on a clone with capture: statements, marks, rewinds; after each rewind the database is what it was.
import { setTimeout as sleep } from 'node:timers/promises';
import { StacksError } from '../../src/errors.ts';
import { tidy } from '../../src/rewind/tidy.ts';
import { atRest, type Marked, type Playback, setMark } from './playback.ts';
import type { Block, Program, Step } from './program.ts';
import { endOfBlock, type Performer, statementsOf } from './render.ts';
import { type Deeds, Session } from './session.ts';
import type { Clone, Site } from './test-bed.ts';
import { goBack } from './verdict.ts';

/** Returns what became of the clone: one that could not be rewound, for a reason, is good for nothing more. */
export async function play(
  program: Program,
  site: Site,
  clone: Clone,
  port: number,
  say: (line: string) => void,
): Promise<'good' | 'spent'> {
  const marks: Marked[] = [];
  const deeds = (): readonly Deeds[] => marks.map((marked) => marked.deeds);
  const onHidden = (): void => {
    playback.hidden = true;
  };
  const options = { port, database: clone.database, user: site.role, deeds, say, onHidden };
  const sessions = ['s1', 's2', 's3'].map((name) => new Session(name, options));
  const playback: Playback = { clone, sessions, marks, say, always: site.model.always, hidden: false };
  const performer: Performer = { model: site.model, risky: program.risky };
  try {
    await markAcross(program.across, playback, performer);
    for (const step of program.steps) {
      if ((await playStep(step, playback, performer, program.mode)) === 'spent') return 'spent';
    }
    // Mark by mark, so that what came late to each is seen; or at once to the first.
    const late = program.steps.some((step) => step.kind === 'mark' && step.across);
    if (late || program.steps.length % 2 === 1) {
      for (let back = 0; marks.length > 1; back = 1)
        if ((await goBack(playback, back, 'at rest')) === 'spent') return 'spent';
    }
    return await goBack(playback, marks.length - 1, 'at rest');
  } finally {
    for (const session of sessions) await session.close();
    await atRest(playback);
  }
}

async function playStep(
  step: Step,
  playback: Playback,
  performer: Performer,
  mode: Program['mode'],
): Promise<'good' | 'spent'> {
  switch (step.kind) {
    case 'mark':
      await markAcross(step.across, playback, performer);
      break;
    case 'tidy':
      await tidy(playback.clone.control);
      break;
    case 'rewind':
      return goBack(
        playback,
        Math.min(step.back, playback.marks.length - 1),
        step.hurry && mode === 'together' ? 'at work' : 'at rest',
      );
    case 'kill': {
      const session = playback.sessions[step.who];
      await session?.kill(step.how, (pid) => playback.clone.observer.query('SELECT pg_terminate_backend($1)', [pid]));
      break;
    }
    case 'block': {
      const session = playback.sessions[step.who];
      if (!session) break;
      const work = async (): Promise<void> => {
        if (mode === 'together') await sleep(step.pause);
        for (const statement of [...endOfBlock(session.inside, step), ...statementsOf(step, performer)])
          await session.run(statement);
      };
      session.queue = session.queue.then(work);
      if (mode === 'alone') await session.queue;
    }
  }
  return 'good';
}

// A transaction that is open at a mark and commits after it belongs to what follows.
async function markAcross(across: Block | null, playback: Playback, performer: Performer): Promise<void> {
  const session = playback.sessions[across?.who ?? -1];
  if (session && across) {
    await session.queue;
    const acts = statementsOf({ ...across, wrap: 'open' }, performer);
    for (const statement of [...endOfBlock(session.inside, across), ...acts]) await session.run(statement);
    // The snapshot of a mark that is younger than another's end has the open transaction in its list, and not at its end.
    const other = playback.sessions[(across.who + 1) % playback.sessions.length];
    await other?.queue;
    if (other && !other.inside) await other.run({ text: 'SELECT pg_catalog.pg_current_xact_id()' });
  }
  // A transaction that changed a sequence keeps it for itself.
  const kept = await setMark(playback).catch((error: unknown) => {
    if (error instanceof StacksError && error.code === 'REWIND_BUSY' && session?.inside) return true;
    throw error;
  });
  if (session?.inside) await session.run({ text: 'COMMIT' });
  if (kept) await setMark(playback);
}

// The same program on a clone with capture and on a twin without: the application is told the same, and leaves the same.
import { isDeepStrictEqual } from 'node:util';
import { atRest, type Playback, setMark } from './playback.ts';
import type { Program } from './program.ts';
import { endOfBlock, statementsOf } from './render.ts';
import { type Deeds, Session } from './session.ts';
import { differences, readState, readStateIfFree } from './state.ts';
import type { Clone, Site } from './test-bed.ts';
import { Broken, goBack } from './verdict.ts';

export async function compare(
  program: Program,
  site: Site,
  clone: Clone,
  port: number,
  say: (line: string) => void,
): Promise<'good' | 'spent'> {
  const twin = await site.plain();
  const deeds = (): readonly Deeds[] => playback.marks.map((marked) => marked.deeds);
  const onHidden = (): void => {
    playback.hidden = true;
  };
  const open = (database: string, told: () => readonly Deeds[], line: (text: string) => void): Session[] =>
    ['s1', 's2', 's3'].map(
      (name) => new Session(name, { port, database, user: site.role, deeds: told, say: line, onHidden }),
    );
  const playback: Playback = {
    clone,
    marks: [],
    say,
    always: site.model.always,
    hidden: false,
    sessions: open(clone.database, deeds, say),
  };
  // The whole name: a column `ref1_1` has `f1_1` in it, too.
  const ofClone = new RegExp(`\\b${clone.database}\\b`, 'g');
  const twins = open(
    twin.database,
    () => [],
    () => {},
  );
  try {
    await setMark(playback);
    for (const step of program.steps) {
      if (step.kind !== 'block') continue;
      const [session, other] = [playback.sessions[step.who], twins[step.who]];
      if (!session || !other) continue;
      for (const statement of [
        ...endOfBlock(session.inside, step),
        ...statementsOf(step, { model: site.model, risky: program.risky }),
      ]) {
        const [with_, without] = await Promise.all([session.run(statement), other.run(statement)]);
        const mine = JSON.parse(JSON.stringify(with_ ?? null).replaceAll(ofClone, twin.database));
        if (!isDeepStrictEqual(mine, JSON.parse(JSON.stringify(without ?? null))))
          throw new Broken(
            `the application noticed: without capture it is told\n${JSON.stringify(without)}\nand with it\n${JSON.stringify(with_)}`,
          );
      }
    }
    const left = await readStateIfFree(twin.observer);
    const differ = left ? differences(left, await readState(clone.observer)) : [];
    if (differ.length > 0) throw new Broken(`capture changed what the application wrote:\n${differ.join('\n')}`);
    return await goBack(playback, 0, 'at rest');
  } finally {
    for (const session of [...playback.sessions, ...twins]) await session.close();
    await atRest(playback);
    await twin.drop();
  }
}

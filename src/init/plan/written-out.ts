// A database that the config of a migration tool names itself: its commands reach that one, whatever variables they get.
import { at, type Project, sourceOf } from '../project.ts';

export interface WrittenOut {
  readonly database: string;
  /** `knexfile.js:5`. */
  readonly at: string;
}

const NAMED = /(?<![\w.-])['"]?(?:database|dbName)['"]?\s*:\s*(['"`])([^'"`\n$]+)\1/g;
/** For where no variable is set, which slots have: `process.env.URL || { database: 'shop' }`. */
const FALLBACK = /(?:\|\||\?\?)\s*\{[^{}]*$/;
/** A file of SQLite. */
const FILE = /^:memory:$|\.(?:sqlite3?|db)$/;

export function writtenOut(project: Project, configs: readonly string[]): WrittenOut[] {
  return configs.flatMap((config) => {
    const text = sourceOf(project, config) ?? '';
    return [...text.matchAll(NAMED)]
      .filter(({ index, 2: name = '' }) => !FILE.test(name) && !FALLBACK.test(text.slice(0, index)))
      .map(({ index, 2: database = '' }) => ({ database, at: at(config, text, index) }));
  });
}

export function writtenOutTodo(named: readonly WrittenOut[]): string[] {
  return named.map(
    ({ database, at: where }) =>
      `${where} names the database "${database}" itself, which is then every slot's: read its address from a variable, as DATABASE_URL`,
  );
}

/** Why no slot is opened to look at; undefined: it may be. */
export function whyNotOpened(isRemote: boolean, named: readonly WrittenOut[]): string | undefined {
  if (isRemote) return 'what `webServer` starts is not only on this machine';
  const [first] = named;
  return first && `what migrates would reach the database "${first.database}", which ${first.at} names itself`;
}

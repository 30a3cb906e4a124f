// What a project's templates were made from the last time, so that a run that builds one anew can say why.
import { type Fingerprint, type FingerprintInputs, fingerprint } from '../postgres/databases/fingerprint.ts';
import { someOf } from '../text/some-of.ts';
import { readRecord, writeRecord } from './project-record.ts';

/** A template of more files is not noted, and nothing is said of it. */
const MOST_FILES = 10_000;
/** Names of one kind. */
const MOST_NAMES = 3;

/** By the names of databases; where it cannot be read, nothing is known. */
export async function recordedTemplates(root: string): Promise<ReadonlyMap<string, unknown>> {
  return new Map(Object.entries(Object(await readRecord('template', root))));
}

/** @param made by the names of databases; others stay as they are noted. Where that cannot be, the next run says nothing. */
export async function noteTemplates(root: string, made: ReadonlyMap<string, Fingerprint>): Promise<void> {
  const known = await recordedTemplates(root);
  const small = [...made].filter(([, { files }]) => Object.keys(files).length <= MOST_FILES);
  if (small.every(([name, { key }]) => Reflect.get(Object(known.get(name)), 'key') === key)) return;
  await writeRecord('template', root, () => Object.fromEntries([...known, ...small])).catch(() => {});
}

/** As `whyBuilt`: what is another than before the template was built, because one of its steps writes it. */
export async function changedMeanwhile(
  database: FingerprintInputs,
  root: string,
  before: Fingerprint,
): Promise<string | undefined> {
  const now = await fingerprint(database, root, '').catch(() => undefined); // An input is gone: the next run says so.
  return now && whyBuilt(before, { ...now, rest: before.rest });
}

/** `changed: migrations/2.sql; new: …`. Undefined: nothing has changed that is known. */
export function whyBuilt(recorded: unknown, { files, rest }: Fingerprint): string | undefined {
  if (recorded === undefined) return 'first';
  const before: Partial<Fingerprint> = Object(recorded);
  if (typeof before.key !== 'string') return undefined;
  const known = new Map<string, unknown>(Object.entries(Object(before.files)));
  const now = Object.keys(files);
  const changes = {
    changed: now.filter((file) => known.has(file) && known.get(file) !== files[file]),
    new: now.filter((file) => !known.has(file)),
    removed: [...known.keys()].filter((file) => !Object.hasOwn(files, file)),
  };
  const parts = Object.entries(changes).flatMap(([what, names]) =>
    names.length > 0 ? [`${what}: ${someOf(names, MOST_NAMES)}`] : [],
  );
  const others = before.rest === rest ? [] : ['other commands, options or Postgres'];
  return [...parts, ...others].join('; ') || undefined;
}

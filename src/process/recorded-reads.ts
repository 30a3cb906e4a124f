// For `doctor --app`: has what is started for a step or a server note which variables it reads, where that can be seen:
// in Node programs (record-reads.cts).
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { READS_FILE_VARIABLE, READS_VARIABLE } from '../environment.ts';

/** What one process has noted, a line each; `given` is ours. */
export type NotedRead =
  | { readonly given: readonly string[] }
  /** A Node program that does not only start others. */
  | { readonly program: string }
  /** `own`: by code outside `node_modules`. */
  | { readonly read: string; readonly own: boolean }
  /** What is read in a copy of the environment is not seen. */
  | { readonly copied: true };

/**
 * What is to be added to the environment of what is started under `title`; nothing outside `doctor --app`.
 * @param given what it is given beside the runner's own environment
 */
export function recordingReads(
  title: string | undefined,
  given: Readonly<Record<string, string | undefined>>,
  inherited: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  const folder = inherited[READS_VARIABLE];
  if (folder === undefined || title === undefined) return {};
  const file = join(folder, encodeURIComponent(title));
  const names = Object.keys(given).filter((name) => given[name] !== undefined && name !== 'NODE_OPTIONS');
  const line: NotedRead = { given: names };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
  const program = fileURLToPath(new URL('./record-reads.cjs', import.meta.url));
  const quoted = `"${program.replace(/[\\"]/g, '\\$&')}"`;
  const options = given.NODE_OPTIONS ?? inherited.NODE_OPTIONS ?? '';
  return { [READS_FILE_VARIABLE]: file, NODE_OPTIONS: `${options} --require ${quoted}`.trim() };
}

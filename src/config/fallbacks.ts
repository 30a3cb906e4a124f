// Literals in source files that are only the fallback of an environment variable: `process.env.URL ?? 'http://…'`.

/** `default` of a variable, as JavaScript, zod and ORMs' own helpers write it. */
export const FALLBACK: RegExp = /(\|\||\?\?|\bdefault\s*\(?:?|,)\s*$/;
export const VARIABLE: RegExp =
  /(?:\benv\.|\benv(?:iron)?\[\s*['"]|\b(?:env|environ|getenv)(?:\.\w+)?\(\s*['"])([A-Z]\w*)/g;

/** `a ? b : '…'`, and `const { URL = '…', OTHER: url = '…' } = process.env`. */
const OTHERWISE = /\?[^?:]*:\s*$/;
const DESTRUCTURED = /[{,]\s*([A-Z]\w*)\s*(?::\s*\w+\s*)?=\s*$/;
/** Where an earlier statement, or an earlier key of an object, has ended. */
const STATEMENT = /;|,\s*\n|[{[]\s*\n|\n\s*\n/g;

/** Of the literal that begins, with its quote, at `index`: the variables that come first; undefined: it is no fallback. */
export function variablesBefore(text: string, index: number): string[] | undefined {
  const before = text.slice(Math.max(0, index - 300), index);
  const destructured = DESTRUCTURED.exec(before)?.[1];
  if (destructured) return [destructured];
  if (!/((?:\|\||\?\?)=?|\bdefault\s*\(?:?)\s*$/.test(before) && !OTHERWISE.test(before)) return undefined;
  const begin = [...before.matchAll(STATEMENT)].at(-1);
  const statement = before.slice(begin ? begin.index + begin[0].length : 0);
  const names = variablesIn(statement);
  // It was read into a name of its own, further up.
  return names.length > 0 ? names : variablesIn(text);
}

function variablesIn(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map(([, name = '']) => name);
}

// The line of a server's output by which one sees what went wrong.

/** Characters of it. */
const MOST = 300;

/** `TypeError: …`, `ERROR: …`, `"level":"error"`, `"level":50` of pino; not the name of a file. */
const TELLS_OF_ERROR = /(?:error|exception|fatal|panic|critical)(?![a-z0-9_-]{0,255}\.[a-z])|"level":[56]0\b/i;
/** Frames of a stack and properties of an error, which are indented, and what counts errors and found none. */
const NONE = /^\s|\b(?:no|0) (?:\w+ )?(?:errors?|exceptions?)\b/i;

/** The last one, of text without colours. Undefined: none. */
export function lastErrorLine(text: string): string | undefined {
  const line = text.split('\n').findLast((each) => TELLS_OF_ERROR.test(each) && !NONE.test(each));
  return line !== undefined && line.length > MOST ? `${line.slice(0, MOST)}…` : line;
}

// The one error class. Facts are fields, prose is text; the first line says what failed, on what, by how much.

/** Every way in which playwright-stacks fails; each has a heading in docs/errors.md. */
export type ErrorCode =
  | 'OPTIONS_INVALID'
  | 'PLATFORM_UNSUPPORTED'
  | 'COMMAND_FAILED'
  | 'INPUTS_EMPTY'
  | 'POSTGRES_MISSING'
  | 'POSTGRES_FAILED'
  | 'DATABASE_UNREACHABLE'
  | 'DATABASE_UNFIT'
  | 'DATABASE_FULL'
  | 'DISK_FULL'
  | 'SERVER_EXITED'
  | 'SERVER_NOT_READY'
  | 'SERVER_NOT_RESET'
  | 'SERVER_NOT_IDLE'
  | 'PORT_TAKEN'
  | 'STACK_NOT_LEASED'
  | 'RUN_BROKEN'
  | 'TEARDOWN_FAILED'
  | 'REWIND_IMPOSSIBLE'
  | 'REWIND_BUSY'
  | 'REWIND_PRIVILEGE'
  | 'MARK_UNKNOWN';

/** What an error says beside its first line. */
export interface ErrorDetails {
  /** Printed one a line, after the first. */
  readonly items?: readonly string[];
  /** Label → value, printed one a line in this order; an absent value is left out. */
  readonly facts?: Readonly<Record<string, string | undefined>>;
  /** The last lines of what a command or server printed. */
  readonly output?: readonly string[];
  /** What to do: names the user's option, or a command to paste. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The error that playwright-stacks throws. `message` begins with `code`. */
export class StacksError extends Error {
  readonly code: ErrorCode;
  /** The first line, without the code. */
  readonly summary: string;
  readonly details: Omit<ErrorDetails, 'cause'>;

  constructor(code: ErrorCode, summary: string, details: ErrorDetails = {}) {
    const { cause, ...rest } = details;
    super(redact(format(code, summary, rest)), cause === undefined ? undefined : { cause: redactCause(cause) });
    this.name = 'StacksError';
    this.code = code;
    this.summary = summary;
    this.details = rest;
    // Playwright prints the stack; frames inside this package help no user, the message does.
    this.stack = this.message;
  }
}

function format(code: ErrorCode, summary: string, { items = [], facts, output, hint }: ErrorDetails): string {
  const lines = [`${code}: ${summary}`, ...items.map((item) => `  ${item}`)];
  const known = Object.entries(facts ?? {}).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...known.map(([label]) => label.length));
  for (const [label, value] of known) lines.push(`  ${label.padEnd(width)}  ${value}`);
  if (output?.length) lines.push(`  output (last ${output.length} lines)`, ...output.map((line) => `    | ${line}`));
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

/** Replaces the password of every connection string in `text`: before the last `@` of the authority, or a parameter. */
export function redact(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/?#]+@/gi, '$1:***@')
    .replace(/([?&\s]password=)[^\s&'"]+/gi, '$1***');
}

/** Playwright prints the cause as well. */
function redactCause(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const [message, stack] = [redact(cause.message), cause.stack && redact(cause.stack)];
  if (message === cause.message && stack === cause.stack) return cause;
  const copy = new Error(message);
  if (stack) copy.stack = stack;
  return copy;
}

/** An error whose text is all there is to it: no frames of ours. */
export function plainError(message: string, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  error.stack = message;
  return error;
}

/** An error as another process gets it: with its code, facts and hint, where it has any. */
export type WireError =
  | { readonly message: string }
  | { readonly code: ErrorCode; readonly summary: string; readonly details: Omit<ErrorDetails, 'cause'> };

export function errorToWire(error: unknown): WireError {
  if (!(error instanceof StacksError)) return { message: messageOf(error) };
  return { code: error.code, summary: error.summary, details: error.details };
}

export function errorFromWire(wire: WireError): Error {
  return 'code' in wire ? new StacksError(wire.code, wire.summary, wire.details) : plainError(wire.message);
}

/** `error`, with what could not be removed after it told below; the first cause stays first. */
export function withTeardown(error: unknown, teardown: unknown): Error {
  return plainError(`${messageOf(error)}\n${messageOf(teardown)}`);
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

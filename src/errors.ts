// The one error class. Facts are fields, prose is text; the first line says what failed, on what, by how much. Whatever
// goes into it is without secrets and control characters, and cut where it is long.
import { inspect } from 'node:util';
import { presentable } from './text/presentable.ts';
import { printableName } from './text/printable.ts';
import { redactError } from './text/redact-error.ts';

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
  | 'DATABASE_UNUSED'
  | 'DISK_FULL'
  | 'SERVER_EXITED'
  | 'SERVER_NOT_READY'
  | 'SERVER_NOT_RESET'
  | 'SERVER_NOT_IDLE'
  | 'PORT_TAKEN'
  | 'DEVELOPMENT_ORIGIN'
  | 'STACK_NOT_LEASED'
  | 'RUN_BROKEN'
  | 'TEARDOWN_FAILED'
  | 'REWIND_IMPOSSIBLE'
  | 'REWIND_BUSY'
  | 'REWIND_PRIVILEGE'
  | 'MARK_UNKNOWN'
  | 'CHANGES_TOO_MANY'
  | 'LOCK_TIMEOUT'
  | 'LOCK_DEADLOCK'
  | 'LOCK_LOST'
  | 'LOCK_UNAVAILABLE'
  | 'WORKSPACE_UNFIT'
  | 'WORKSPACE_FAILED'
  | 'AUDIT_FAILED';

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
    const [said, shown] = [presentable(summary), presentableDetails(rest)];
    super(format(code, said, shown), cause === undefined ? undefined : { cause: redactError(cause) });
    this.name = 'StacksError';
    this.code = code;
    this.summary = said;
    this.details = shown;
    withoutFrames(this);
  }
}

const MOST_ITEMS = 50;
/** Characters of a line of output. */
const LONGEST_LINE = 2_000;

function presentableDetails({ items, facts, output, hint }: ErrorDetails): Omit<ErrorDetails, 'cause'> {
  return {
    ...(items && { items: firstItems(items).map((item) => presentable(item)) }),
    ...(facts && {
      facts: Object.fromEntries(
        Object.entries(facts).map(([label, value]) => [printableName(label), value && presentable(value)]),
      ),
    }),
    ...(output && { output: output.map((line) => presentable(line, LONGEST_LINE)) }),
    ...(hint && { hint: presentable(hint) }),
  };
}

function firstItems(items: readonly string[]): readonly string[] {
  const more = items.length - MOST_ITEMS;
  return more <= 1 ? items : [...items.slice(0, MOST_ITEMS), `… and ${more} more`];
}

function format(code: ErrorCode, summary: string, { items = [], facts, output, hint }: ErrorDetails): string {
  const lines = [`${code}: ${summary}`, ...items.map((item) => `  ${item}`)];
  const known = Object.entries(facts ?? {}).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...known.map(([label]) => label.length));
  for (const [label, value] of known) lines.push(`  ${label.padEnd(width)}  ${value}`);
  if (output?.length) lines.push(`  output (last ${output.length} lines)`, ...output.map((line) => `    | ${line}`));
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.map(asOne).join('\n');
}

/** Playwright takes a line that begins with exactly this for the first frame of a stack. */
function asOne(text: string): string {
  return text.replace(/\n {4}at /g, '\n      at ');
}

/**
 * Playwright prints what it takes for frames in the stack, among them lines of the message that end in a time; frames inside
 * this package help no user. Node prints all fields of an error; the message has all that they say. It is printed as
 * Playwright prints what globalSetup throws: `StacksError: OPTIONS_INVALID: …`.
 */
function withoutFrames<E extends Error>(error: E): E {
  error.stack = '';
  return Object.defineProperty(error, inspect.custom, { value: () => String(error) });
}

/** As it is to be shown: without a cause whose message is in its own, which would be printed once more. */
export function withoutSaidCause(error: unknown): unknown {
  if (!(error instanceof StacksError) || !(error.cause instanceof Error)) return error;
  const { message } = error.cause;
  if (message !== '' && error.message.includes(message)) Reflect.deleteProperty(error, 'cause');
  return error;
}

/** An error whose text is all there is to it: no frames of ours. */
export function plainError(message: string): Error {
  return withoutFrames(new Error(presentable(message, LONGEST_MESSAGE)));
}

/** More than that of any StacksError, or two of them. */
const LONGEST_MESSAGE = 200_000;

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

/** `error`, followed by what could not be removed; the first cause stays first. */
export function withTeardown(error: unknown, teardown: unknown): Error {
  return plainError(`${messageOf(error)}\n${messageOf(teardown)}`);
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

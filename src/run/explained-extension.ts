// A step of the user's, or an app server, that failed because of an extension of Postgres: with the line that helps.
import { type ErrorCode, StacksError } from '../errors.ts';
import { extensionTrouble, troubleHint } from '../extensions/hints.ts';
import { asServerWithout, type DatabaseServer } from '../postgres/database-server.ts';

const CODES: readonly ErrorCode[] = ['COMMAND_FAILED', 'SERVER_EXITED', 'SERVER_NOT_READY'];

/** Runs it; what it throws then says what the server lacks, if that is the reason. */
export async function explainingExtensions<T>(postgres: DatabaseServer, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw withExtensionHint(error, postgres);
  }
}

function withExtensionHint(error: unknown, postgres: DatabaseServer): unknown {
  if (!(error instanceof StacksError) || !CODES.includes(error.code)) return error;
  const { code, summary, details, cause } = error;
  const trouble = extensionTrouble([summary, ...(details.output ?? [])].join('\n'));
  if (!trouble) return error;
  return new StacksError(code, summary, { ...details, hint: troubleHint(trouble, asServerWithout(postgres)), cause });
}

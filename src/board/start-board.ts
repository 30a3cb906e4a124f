// Serves the board for as long as the run lives, and prints where. It is a convenience: where it cannot be served, the run
// goes on.
import { messageOf } from '../errors.ts';
import type { Lifetime } from '../lifetime.ts';
import { writeError } from '../text/terminal.ts';
import type { ModelStore } from './model-store.ts';
import { type Board, type BoardOptions, serveBoard } from './serve-board.ts';

/** Undefined: it could not be served. */
export async function startBoard(
  store: ModelStore,
  options: BoardOptions,
  lifetime: Lifetime,
): Promise<Board | undefined> {
  try {
    const board = await serveBoard(store, options);
    lifetime.defer('close the board', () => board.close());
    // Not the reporter's line: others may be in its place.
    writeError(`[stacks] board: ${board.url}\n`);
    return board;
  } catch (error) {
    const where = options.port === 0 ? '' : ` on port ${options.port} (\`board.port\`)`;
    writeError(`[stacks] no board${where}; the run goes on without it: ${messageOf(error)}\n`);
    return undefined;
  }
}

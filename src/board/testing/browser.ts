// The page in a real browser: the bundle is made once, and each board has the events that a test gives it.
import { join } from 'node:path';
import axe from 'axe-core';
import { scratchFolder } from '../../../fixtures/programs/programs.ts';
import type { Listener, StampedEvent } from '../../events.ts';
import { StateStore } from '../../state/state-store.ts';
import { ModelStore } from '../model-store.ts';
import { type PageFiles, readPageFiles } from '../page-files.ts';
import { type Board, serveBoard } from '../serve-board.ts';

/** The page as `npm run build` makes it. */
export async function bundledPage(): Promise<PageFiles> {
  const { folder, remove } = scratchFolder();
  const { buildPage } = await import('../page/build.mjs');
  await buildPage(join(folder, 'page'));
  const files = readPageFiles(join(folder, 'page'));
  remove();
  return files;
}

export interface Feed {
  readonly board: Board;
  emit(...events: readonly StampedEvent[]): void;
}

/** A board that shows what is emitted, without a run. */
export async function feedBoard(files: PageFiles, port = 0): Promise<Feed> {
  let listen: Listener = () => {};
  const on = (listener: Listener) => {
    listen = listener;
    return () => {};
  };
  const board = await serveBoard(new ModelStore(new StateStore({ on })), { port, files });
  const emit = (...events: readonly StampedEvent[]) => {
    for (const event of events) listen(event);
  };
  return { board, emit };
}

/** To be evaluated in a page: what axe finds wrong with it. */
export const AXE: string = `${axe.source}; axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`;

// An embedded server on a copy of a kept cluster, for somebody who wants to look at it; removed with all else of it.
import { startReaper } from '../cleanup/reaper.ts';
import { RUN_KEY_VARIABLE } from '../environment.ts';
import { Lifetime } from '../lifetime.ts';
import { newRunKey } from '../names.ts';
import { chooseBinaries } from '../postgres/embedded/choose-binaries.ts';
import { startEmbedded } from '../postgres/embedded/start.ts';
import { reservePort } from '../process/ports.ts';
import type { FoundKept } from './find-kept.ts';

export interface OpenKept {
  /** Of the main database. */
  readonly url: string;
  close(): Promise<void>;
}

/** Where a server runs there is nothing to open. */
export async function openKept({ kept, place }: FoundKept): Promise<OpenKept> {
  if (place.kind === 'server') return { url: place.url, close: async () => {} };
  const lifetime = new Lifetime();
  try {
    const run = newRunKey();
    process.env[RUN_KEY_VARIABLE] = run;
    const { root } = kept;
    const { signal } = new AbortController();
    const { choice = {} } = place.cluster;
    const binaries = await chooseBinaries(root, choice, { option: 'database', signal });
    const { folder, journal } = await startReaper({ run, root, needs: 'nothing', lifetime });
    const reserved = await reservePort();
    lifetime.defer('release the port', () => reserved.release());
    const postgres = await startEmbedded({
      ...{ root, run, folder, lifetime, slots: 0, port: reserved.port, clusterKey: undefined, kept: place.cluster },
      binaries,
      signal,
      owner: { ...journal.head, folder },
      note: journal.noteData,
      noteProcess: journal.noteGroup,
    });
    return { url: postgres.urlFor(kept.name), close: () => lifetime.close() };
  } catch (error) {
    await lifetime.close();
    throw error;
  }
}

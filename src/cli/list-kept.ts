// What `status` says of kept databases.
import { messageOf } from '../errors.ts';
import { type FoundKept, findKept } from '../kept/find-kept.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import type { Kept } from '../postgres/databases/kept.ts';
import { writeError } from '../text/terminal.ts';
import { age, megabytes, table } from './table.ts';

interface KeptStatus extends Kept {
  readonly seconds: number;
  /** A server's host and port, or the folder of a cluster. */
  readonly where: string;
}

/** Those of the project that `folder` is in. A server that cannot be asked is no reason to say nothing. */
export async function listKept(folder: string, url: string | undefined): Promise<KeptStatus[]> {
  const found = await findKept(folder, url).catch((error) => {
    writeError(`${messageOf(error)}\n`);
    return findKept(folder, undefined);
  });
  return found.map(describe);
}

export function keptText(kept: readonly KeptStatus[]): string[] {
  if (kept.length === 0) return [];
  const rows = kept.map(({ name, databases, seconds, where, file, test }) => {
    const bytes = databases.reduce((sum, each) => sum + each.bytes, 0);
    return [name, megabytes(bytes), age(seconds), where, `${file}: ${test}`];
  });
  return [`kept\n${table([['NAME', 'SIZE', 'AGE', 'WHERE', 'TEST'], ...rows])}`];
}

function describe({ kept, place }: FoundKept): KeptStatus {
  const where = place.kind === 'server' ? serverTitle(place.url) : place.cluster.folder;
  return { ...kept, seconds: Math.round((Date.now() - Date.parse(kept.at)) / 1000), where };
}

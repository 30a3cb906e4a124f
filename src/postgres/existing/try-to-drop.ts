// One of the databases that a sweep or a reaper drops, or would.
import { messageOf } from '../../errors.ts';
import type { Client } from '../client/connection.ts';
import { dropOurs } from '../databases/drop.ts';
import type { Ours } from '../databases/our-databases.ts';

/** `look`: only says what it would drop. */
export type Sweeping = 'drop' | 'look';

export interface Dropped {
  /** Names. */
  readonly dropped: readonly string[];
  /** One that cannot be dropped keeps no other. */
  readonly failures: readonly string[];
}

export async function tryToDrop(client: Client, ours: Ours, how: Sweeping): Promise<Dropped> {
  const name = ours.database?.name;
  try {
    if (how === 'drop') await dropOurs(client, ours);
    return { dropped: name === undefined ? [] : [name], failures: [] };
  } catch (error) {
    return { dropped: [], failures: [`drop database ${name ?? ours.note.name}: ${messageOf(error)}`] };
  }
}

export function together(...parts: readonly Dropped[]): Dropped {
  return {
    dropped: parts.flatMap(({ dropped }) => dropped),
    failures: parts.flatMap(({ failures }) => failures),
  };
}

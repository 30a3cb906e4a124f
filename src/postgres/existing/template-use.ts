// Who uses which finished template of an existing server, and since when nobody does: old ones are dropped.
import { BUILD_LOCK, freeLock, shareLock, tryLock, USE_LOCK } from '../client/advisory-lock.ts';
import type { Client } from '../client/connection.ts';
import { type Ours, ourDatabases } from '../databases/our-databases.ts';
import { amendment, type Made } from '../databases/registry.ts';
import { type Dropped, type Sweeping, together, tryToDrop } from './try-to-drop.ts';

/** So many stay in any case, those used last; and all that were used today or yesterday. */
const KEPT = 20;

/** Says that the template is in use for as long as `lease`'s session lives, and notes the day. */
export async function useTemplate(lease: Client, { oid, entry }: Made): Promise<void> {
  await shareLock(lease, USE_LOCK, oid);
  const { template } = entry.note;
  const used = day(0);
  if (!template || template.used === used) return;
  await lease.query(amendment({ ...entry, note: { ...entry.note, template: { ...template, used } } }));
}

/** Drops the templates that were not used for longest. */
export async function pruneTemplates(client: Client, how: Sweeping): Promise<Dropped> {
  const done: Dropped[] = [];
  for (const entry of (await finishedTemplates(client)).slice(KEPT)) {
    const { key = '' } = entry.note.template ?? {};
    const oid = entry.database?.oid ?? '';
    if (!(await tryLock(client, BUILD_LOCK, key))) continue;
    try {
      if (!(await tryLock(client, USE_LOCK, oid))) continue;
      done.push(await tryToDrop(client, entry, how));
      await freeLock(client, USE_LOCK, oid);
    } finally {
      await freeLock(client, BUILD_LOCK, key);
    }
  }
  return together(...done);
}

/** Those used last come first; those of today and yesterday are left out from the end. */
async function finishedTemplates(client: Client): Promise<Ours[]> {
  const found = (await ourDatabases(client)).filter(({ note, database }) => database && note.template?.seal);
  const shared = found.filter(({ mayDrop, note }) => mayDrop && note.kind === 'template');
  const sorted = shared.sort((a, b) => usedOn(b).localeCompare(usedOn(a)));
  return sorted.filter((each, index) => index < KEPT || usedOn(each) < day(-1));
}

function usedOn({ note }: Ours): string {
  return note.template?.used ?? '';
}

/** `2026-01-31`, so many days from now. */
function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}

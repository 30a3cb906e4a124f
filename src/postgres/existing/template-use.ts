// Who uses which finished template of an existing server, and since when nobody does: old ones are dropped.
import { fingerprintOfTemplate, templateName } from '../../names.ts';
import { BUILD_LOCK, freeLock, shareLock, tryLock, USE_LOCK } from '../client/advisory-lock.ts';
import type { Client } from '../client/connection.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';
import { dropOurs } from '../databases/drop.ts';
import { isOurs, markerComment, readMarker } from '../databases/marker.ts';
import { ourDatabases } from '../databases/our-databases.ts';

/** So many stay in any case, those used last; and all that were used today or yesterday. */
const KEPT = 20;

/** Says that the template is in use for as long as `lease`'s session lives, and notes the day. */
export async function useTemplate(lease: Client, fingerprint: string): Promise<void> {
  await shareLock(lease, USE_LOCK, fingerprint);
  const name = templateName(fingerprint);
  const found = (await ourDatabases(lease)).find((each) => each.name === name);
  const marker = readMarker(found?.comment ?? null);
  const used = day(0);
  if (!marker || marker.used === used) return;
  const comment = markerComment({ ...marker, used });
  await lease.query(`COMMENT ON DATABASE ${quoteIdent(name)} IS ${quoteLiteral(comment)}`);
}

/** Drops the templates that were not used for longest. Returns their names. */
export async function pruneTemplates(client: Client, how: 'drop' | 'look'): Promise<string[]> {
  const dropped: string[] = [];
  for (const { name, fingerprint } of (await finishedTemplates(client)).slice(KEPT)) {
    if (!(await tryLock(client, BUILD_LOCK, fingerprint))) continue;
    try {
      if (!(await tryLock(client, USE_LOCK, fingerprint))) continue;
      dropped.push(name);
      if (how === 'drop') await dropOurs(client, name);
      await freeLock(client, USE_LOCK, fingerprint);
    } finally {
      await freeLock(client, BUILD_LOCK, fingerprint);
    }
  }
  return dropped;
}

/** Those used last come first; those of today and yesterday are left out from the end. */
async function finishedTemplates(client: Client): Promise<{ name: string; fingerprint: string }[]> {
  const found = (await ourDatabases(client)).flatMap(({ name, comment, sealed }) => {
    const fingerprint = fingerprintOfTemplate(name);
    if (fingerprint === undefined || !sealed || !isOurs(name, comment)) return [];
    return [{ name, fingerprint, used: readMarker(comment)?.used ?? '' }];
  });
  const sorted = found.sort((a, b) => b.used.localeCompare(a.used));
  return sorted.filter(({ used }, index) => index < KEPT || used < day(-1));
}

/** `2026-01-31`, so many days from now. */
function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}

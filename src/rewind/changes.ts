// What changed since a mark, as data: net, so that a row inserted and deleted again is not among it.
import { rowsOf } from './client.ts';
import type { Control } from './control.ts';
import { failed } from './impossible.ts';
import type { Mark } from './mark.ts';

export type Row = Readonly<Record<string, unknown>>;

/** One row that differs. Values as in JSON; integers beyond 2^53 and decimals of more than 15 digits are strings. */
export interface Change {
  /** The database's name in the options, where it is not the stack's first. */
  readonly database?: string | undefined;
  /** `public.notes`; of a partition its root. */
  readonly table: string;
  readonly op: 'insert' | 'update' | 'delete';
  /** The primary key's columns, or those of a unique index without NULLs; undefined where the table has neither. */
  readonly key: Row | undefined;
  /** The row as it was; of an update, where `db.changes()` is not asked for more, the columns that differ. */
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

interface Image {
  readonly table: string;
  readonly key: Row | null;
  readonly sign: 1 | -1;
  readonly row: Row;
}

/** Ordered by table, then key. Old and new images of one key are an update; without a key there are no updates. */
export async function changes(control: Control, since: Mark): Promise<Change[]> {
  const images = await rowsOf<Image>(control, 'SELECT * FROM stk.changes($1) ORDER BY "table", key, "row", sign', [
    since,
  ]).catch((error) => {
    throw failed(error, since);
  });
  const byKey = new Map<string, { before?: Image; after?: Image }>();
  for (const [index, image] of images.entries()) {
    const id = image.key ? JSON.stringify([image.table, image.key]) : `${index}`;
    const pair = byKey.get(id) ?? {};
    byKey.set(id, { ...pair, [image.sign === 1 ? 'after' : 'before']: image });
  }
  return [...byKey.values()].map(({ before, after }) => ({
    table: (before ?? after)?.table ?? '',
    op: before && after ? 'update' : after ? 'insert' : 'delete',
    key: (before ?? after)?.key ?? undefined,
    before: before?.row,
    after: after?.row,
  }));
}

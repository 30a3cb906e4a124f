// What changed since a mark, as data: net, so that a row inserted and deleted again is not among it.
import { StacksError } from '../errors.ts';
import { MARGIN, presentableBeginning } from '../text/presentable.ts';
import { redactData } from '../text/redact.ts';
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

/** The first of what changed. */
export interface FirstChanges {
  readonly changes: readonly Change[];
  /** How many rows changed in all, at least: of a table where some came and others went, it may be more. */
  readonly rows: number;
}

/** Row images and their bytes as text: more are not given to a test as data. */
const MOST_IMAGES = 100_000;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * All of them, ordered by table, then key. Old and new images of one key are an update; without a key there are no updates.
 * Throws CHANGES_TOO_MANY.
 */
export async function changes(control: Control, since: Mark): Promise<Change[]> {
  const lines = await ask(control, since, 'ORDER BY "table", key, "row", sign', [MOST_IMAGES, MOST_BYTES, null]);
  const { images, tables, bytes } = sorted(lines);
  if (images.length === 0 && tables.length > 0) throw tooMany(tables, bytes);
  return paired(images);
}

/** The first `rows` of them by table and key, for people: without secrets, of long values the first `characters` only. */
export async function firstChanges(
  control: Control,
  since: Mark,
  { rows, characters }: { rows: number; characters: number },
): Promise<FirstChanges> {
  // Of an update two images: the last one may lack its other.
  const { images, tables } = sorted(await ask(control, since, '', [2 * rows + 1, null, characters + MARGIN]));
  const all = paired(images.map(shortened)).slice(0, rows);
  return { changes: redactData(all) as Change[], rows: Math.max(all.length, sum(tables.map(leastRows))) };
}

interface Image {
  readonly table: string;
  readonly key: Row | null;
  readonly sign: 1 | -1;
  readonly row: Row;
  /** The lengths of values of which only the beginning is there. */
  readonly cut?: Readonly<Record<string, number>> | null;
}

/** Of a table, how many images came to be and are gone. */
interface Total {
  readonly table: string;
  readonly sign: 0;
  readonly row: { readonly come: number; readonly gone: number; readonly bytes: number };
}

async function ask(control: Control, since: Mark, order: string, limits: readonly (number | null)[]) {
  const text = `SELECT * FROM playwright_stacks.changes($1, $2, $3, $4) ${order}`;
  return rowsOf<Image | Total>(control, text, [since, ...limits]).catch((error) => {
    throw failed(error, since);
  });
}

function sorted(lines: readonly (Image | Total)[]) {
  const tables = lines.filter((line): line is Total => line.sign === 0);
  const images = lines.filter((line): line is Image => line.sign !== 0);
  return { images, tables, bytes: sum(tables.map(({ row }) => row.bytes)) };
}

function paired(images: readonly Image[]): Change[] {
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

function shortened(image: Image): Image {
  const cut = Object.entries(image.cut ?? {}).map(([column, length]) => {
    return [column, presentableBeginning(String(image.row[column]), length)];
  });
  return { ...image, row: { ...image.row, ...Object.fromEntries(cut) } };
}

function leastRows({ row: { come, gone } }: Total): number {
  return Math.max(come, gone);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

function tooMany(tables: readonly Total[], bytes: number): StacksError {
  const megabytes = Math.ceil(bytes / 2 ** 20);
  return new StacksError(
    'CHANGES_TOO_MANY',
    `the test changed ${sum(tables.map(leastRows))} rows or more (${megabytes} MB), too many to list.`,
    {
      items: tables.map((each) => `${each.table}: ${leastRows(each)} rows`),
      hint: 'count or read them with `db.query()`.',
    },
  );
}

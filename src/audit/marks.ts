// The rows that a test changed, as they can be compared with those of another run: for each column of each table the marks
// of its values, without the values. What is different in every run (times, uuids) has the same mark.
import { createHmac } from 'node:crypto';

/** What is known of a changed row. */
interface ChangedRow {
  /** Where it is not the stack's first. */
  readonly database?: string | undefined;
  readonly table: string;
  readonly op: string;
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: Readonly<Record<string, unknown>> | undefined;
}

export interface MarkedRows {
  /** How many rows, by what became of them: `public.notes insert`. */
  readonly rows: Readonly<Record<string, number>>;
  /** By `public.notes insert title`: the marks of the values, sorted. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

/** @param changes of updated rows only the columns that differ */
export function markedRows(changes: readonly ChangedRow[], salt: string): MarkedRows {
  const rows: Record<string, number> = {};
  const columns: Record<string, string[]> = {};
  for (const { database, table, op, before = {}, after = {} } of changes) {
    const kind = `${database === undefined ? '' : `${database}:`}${table} ${op}`;
    rows[kind] = (rows[kind] ?? 0) + 1;
    const values = op === 'delete' ? before : after;
    for (const [column, value] of Object.entries(values)) {
      const marks = columns[`${kind} ${column}`] ?? [];
      columns[`${kind} ${column}`] = marks;
      marks.push(markOf(value, salt));
    }
  }
  for (const marks of Object.values(columns)) marks.sort();
  return { rows, columns };
}

const TIME = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d(:?\d\d)?|Z)?/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Milliseconds or seconds since 1970, of these years. */
const EPOCH = /\b1[6-9]\d{8}(\d{3})?\b/g;

function markOf(value: unknown, salt: string): string {
  const text = JSON.stringify(value) ?? 'null';
  const plain = text.replace(UUID, 'uuid').replace(TIME, 'time').replace(EPOCH, 'time');
  return createHmac('sha256', salt).update(plain).digest('base64url').slice(0, 11);
}

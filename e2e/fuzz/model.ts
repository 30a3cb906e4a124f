// What a schema holds, as the catalog tells it: programs are written over this, whoever made the schema.
import type pg from 'pg';

export interface Column {
  readonly name: string;
  /** As format_type says it; of a domain its own name. */
  readonly type: string;
  /** Of a domain what it stands on. */
  readonly base: string;
  readonly labels: readonly string[];
  readonly generated: boolean;
  readonly always: boolean;
  /** Its values are another column's. */
  readonly refers: { readonly table: string; readonly column: string } | null;
}

export interface Table {
  readonly name: string;
  readonly kind: 'table' | 'partitioned' | 'view';
  readonly columns: readonly Column[];
  /** Of the primary key, else none. */
  readonly key: readonly string[];
}

export interface Model {
  readonly major: number;
  readonly tables: readonly Table[];
  readonly sequences: readonly string[];
  readonly matviews: readonly string[];
  readonly functions: readonly string[];
  /** A trigger that fires in replica role too: what goes through it may be impossible to undo. */
  readonly always: boolean;
}

export async function readModel(client: pg.Client, major: number): Promise<Model> {
  const { rows } = await client.query<{ model: Omit<Model, 'major'> }>(MODEL);
  const [row] = rows;
  if (!row) throw new Error('the catalog did not answer');
  return { ...row.model, major };
}

const OURS = `('pg_catalog', 'information_schema', 'playwright_stacks', 'pg_toast')`;
const NAME = `format('%I.%I', n.nspname, c.relname)`;

const MODEL = `
WITH c AS (
  SELECT c.*, ${NAME} AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ${OURS} AND c.relpersistence <> 't'),
col AS (
  SELECT a.attrelid, a.attnum, jsonb_build_object(
    'name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod),
    'base', CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END,
    'labels', (SELECT coalesce(jsonb_agg(e.enumlabel ORDER BY e.enumsortorder), '[]') FROM pg_enum e WHERE e.enumtypid = a.atttypid),
    'generated', a.attgenerated <> '', 'always', a.attidentity = 'a',
    'refers', (
      SELECT jsonb_build_object('table', (SELECT name FROM c WHERE c.oid = k.confrelid), 'column', quote_ident(b.attname))
      FROM pg_constraint k CROSS JOIN unnest(k.conkey, k.confkey) AS u(mine, theirs)
      JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.theirs
      WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND u.mine = a.attnum ORDER BY k.oid LIMIT 1)) AS item
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attnum > 0 AND NOT a.attisdropped)
SELECT jsonb_build_object(
  'tables', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'name', c.name, 'kind', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' ELSE 'view' END,
      'columns', (SELECT coalesce(jsonb_agg(item ORDER BY attnum), '[]') FROM col WHERE attrelid = c.oid),
      'key', (SELECT coalesce(jsonb_agg(quote_ident(a.attname) ORDER BY k), '[]') FROM pg_index i, generate_series(0, i.indnkeyatts - 1) k, pg_attribute a
        WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate AND a.attrelid = c.oid AND a.attnum = i.indkey[k])) ORDER BY c.name COLLATE "C"), '[]')
    FROM c WHERE relkind IN ('r', 'p') OR relkind = 'v' AND pg_relation_is_updatable(c.oid, true) <> 0),
  'sequences', (SELECT coalesce(jsonb_agg(name ORDER BY name COLLATE "C"), '[]') FROM c WHERE relkind = 'S'),
  'matviews', (SELECT coalesce(jsonb_agg(name ORDER BY name COLLATE "C"), '[]') FROM c WHERE relkind = 'm'),
  'functions', (SELECT coalesce(jsonb_agg(format('%I.%I', n.nspname, p.proname) ORDER BY p.proname), '[]')
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ${OURS} AND p.pronargs = 0 AND p.prokind IN ('f', 'p') AND p.proname LIKE 'do\\_%'),
  'always', EXISTS (SELECT FROM pg_trigger t WHERE t.tgenabled IN ('A', 'R') AND NOT starts_with(t.tgname, '~stk_')
    AND t.tgrelid IN (SELECT oid FROM c))) AS model`;

// Capture: the tables that hold what changed, and the trigger functions that fill them. Everything is qualified, because
// these run under the application's search_path; nothing is read, so that no serializable transaction of it can fail.

/**
 * @param zone the TimeZone in which images are written; a session that uses another takes the slower `playwright_stacks.image`
 * @param control true in our own sessions: an expression
 */
export function captureSql(zone: string, control: string): string {
  // Our own control connection is not captured. The application's has no such setting: it is asked no more than that, for
  // an expression is prepared anew in every transaction.
  const unlessQuiet = `IF pg_catalog.current_setting('playwright_stacks.control', true) IS NOT NULL THEN
    IF ${control} THEN RETURN NULL; END IF; END IF;`;
  return `
CREATE SCHEMA playwright_stacks;

-- One row image: op 'N' is a row that came to be, 'O' one that is gone; x is the transaction, whose visibility decides; pid the
-- session that wrote it.
CREATE UNLOGGED TABLE playwright_stacks.log (
  x xid8 NOT NULL, rel oid NOT NULL, op "char" NOT NULL, img text NOT NULL, pid integer NOT NULL DEFAULT pg_catalog.pg_backend_pid());
-- To compress a large image takes longer than all the rest of a statement that writes one row.
ALTER TABLE playwright_stacks.log ALTER img SET STORAGE EXTERNAL;

-- What happened that cannot be undone row by row.
CREATE UNLOGGED TABLE playwright_stacks.broken (x xid8 NOT NULL, reason text NOT NULL, rel oid, why text NOT NULL);

-- The image of a row for sessions whose settings would write it differently, for types that depend on search_path, and for
-- rows so large that their text may not fit: that is kept from the application, whose statement is to succeed.
CREATE FUNCTION playwright_stacks.image(r record, rel oid) RETURNS text LANGUAGE plpgsql ${imageSettings(zone)} AS $$
DECLARE
  img text;
BEGIN
  IF pg_catalog.pg_column_size(r) <= ${LARGEST_ROW} THEN
    img := pg_catalog.textin(pg_catalog.record_out(r));
    IF pg_catalog.octet_length(img) <= ${LARGEST_ROW} THEN RETURN img; END IF;
  END IF;
  INSERT INTO playwright_stacks.broken VALUES (pg_catalog.pg_current_xact_id(), 'capture', rel,
    'a row of ' || rel::pg_catalog.regclass || ' is larger than ${LARGEST_ROW / 2 ** 20} MB');
  RETURN '';
${neverFail('rel')}
  RETURN '';
END $$;

${TEXTS.map((text) => captureRows(text, zone, control)).join('\n')}

-- Before TRUNCATE: every row is gone. Its argument is the expression of the row's image. An older snapshot would not see
-- all rows, and reading many costs more than a fresh clone.
CREATE FUNCTION playwright_stacks.capture_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET row_security = off ${imageSettings(zone)} AS $$
BEGIN
  ${unlessQuiet}
  BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
      INSERT INTO playwright_stacks.broken VALUES (pg_current_xact_id(), 'truncate', tg_relid, 'TRUNCATE of ' || tg_relid::regclass
        || ' in a transaction that is ' || current_setting('transaction_isolation'));
    ELSIF pg_table_size(tg_relid) > ${TRUNCATE_LIMIT} THEN
      INSERT INTO playwright_stacks.broken VALUES (pg_current_xact_id(), 'truncate', tg_relid, 'TRUNCATE of ' || tg_relid::regclass
        || ', which held ' || pg_size_pretty(pg_table_size(tg_relid)));
    ELSE
      EXECUTE format('INSERT INTO playwright_stacks.log SELECT pg_current_xact_id(), %s, %L, %s FROM ONLY %s AS "~stk~r"',
        tg_relid, 'O', tg_argv[0], tg_relid::regclass);
    END IF;
  ${neverFail('tg_relid')}
  END;
  RETURN NULL;
END $$;

-- A foreign table's rows lie elsewhere: noticed, not undone.
CREATE FUNCTION playwright_stacks.capture_foreign() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  ${unlessQuiet}
  INSERT INTO playwright_stacks.broken VALUES (pg_catalog.pg_current_xact_id(), 'foreign-table', tg_relid,
    pg_catalog.concat(tg_op, ' on the foreign table ', tg_table_schema, '.', tg_table_name));
  RETURN NULL;
END $$;

-- ATTACH PARTITION asks whether the table's owner may; default privileges may have kept it from everybody.
${TEXTS.map((text) => `GRANT EXECUTE ON FUNCTION playwright_stacks.capture_row_${text}() TO PUBLIC;`).join('\n')}
`;
}

/** Bytes of a row as text above which it is not captured: to write it, list it and undo it takes some ten times as much memory. */
const LARGEST_ROW = 128 * 2 ** 20;

/** Bytes of a row as it lies in its table, below which its text is none of these: a value may have been 255 times as large. */
export const SMALL_ROW: number = 128 * 1024;

/** Bytes of a table, its large values included, above which TRUNCATE is not captured. */
const TRUNCATE_LIMIT = 32 * 1024 * 1024;

/** Under which one row has one image, whatever the session's own settings are. */
function imageSettings(zone: string): string {
  const value = zone.replaceAll("'", "''");
  return `SET search_path = pg_catalog, pg_temp SET DateStyle = 'ISO, MDY' SET IntervalStyle = 'postgres' SET TimeZone = '${value}'
  SET extra_float_digits = 1 SET bytea_output = 'hex' SET lc_monetary = 'C' SET xmloption = 'content' SET quote_all_identifiers = off`;
}

/**
 * What the text of a table's rows depends on: nothing; TimeZone and DateStyle; more settings, too; on what only playwright_stacks.image
 * settles. Each has trigger functions of its own, in which nothing is prepared that it does not need.
 */
const TEXTS = ['steady', 'timed', 'styled', 'unsteady'] as const;
type Text = (typeof TEXTS)[number];

/**
 * The trigger functions of tables with such texts. All that is to be known is asked in one expression, for in a transaction
 * that writes one row most of what capture costs is to prepare what it runs. RETURN NEW is none, unlike RETURN NULL; an AFTER
 * trigger's value means nothing. A table may have a column tg_relid.
 */
function captureRows(text: Text, zone: string, control: string): string {
  const plain = isPlain(text, zone);
  const capture = (op: string, write: (image: (row: string) => string) => string): string => `
CREATE FUNCTION playwright_stacks.capture_${op}_${text}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
#variable_conflict use_variable
BEGIN
  ${plain === undefined ? 'IF' : `IF ${plain} THEN ${write(quickImage)}\n  ELSIF`} (${control}) IS NOT TRUE THEN ${write(safeImage)}
  END IF;
  RETURN NEW;
END $$;`;
  return [
    capture(
      'insert',
      (image) => `INSERT INTO playwright_stacks.log SELECT ${WRITTEN}, 'N', ${image('"~stk~n".*')} FROM "~stk~n";`,
    ),
    capture(
      'delete',
      (image) => `INSERT INTO playwright_stacks.log SELECT ${WRITTEN}, 'O', ${image('"~stk~o".*')} FROM "~stk~o";`,
    ),
    capture(
      'update',
      (image) => `INSERT INTO playwright_stacks.log SELECT ${WRITTEN}, u.op, ${image('u.r')} FROM (${BOTH}) AS u;`,
    ),
    capture('row', (image) => `${captureRow('INSERT', 'O', image('OLD'))} ${captureRow('DELETE', 'N', image('NEW'))}`),
  ].join('\n');
}

const WRITTEN = 'pg_catalog.pg_current_xact_id(), tg_relid';

// OFFSET 0: the image is one expression for both, which is prepared once.
const BOTH = `
    SELECT 'O'::pg_catalog."char" AS op, ("~stk~o".*)::pg_catalog.record AS r FROM "~stk~o"
    UNION ALL SELECT 'N'::pg_catalog."char", ("~stk~n".*)::pg_catalog.record FROM "~stk~n" OFFSET 0`;

// For partitions and inheritance, where statement triggers see the shape of the relation that was named, not the row's own.
function captureRow(notOf: string, op: string, image: string): string {
  return `
    IF tg_op OPERATOR(pg_catalog.<>) '${notOf}' THEN INSERT INTO playwright_stacks.log VALUES (${WRITTEN}, '${op}', ${image}); END IF;`;
}

/** Whether a session, which is not ours, writes such texts as imageSettings does; undefined: it may not. */
function isPlain(text: Text, zone: string): string | undefined {
  const steady = `pg_catalog.current_setting('playwright_stacks.control', true) IS NULL`;
  const timed = `${steady}
      AND pg_catalog.current_setting('TimeZone') OPERATOR(pg_catalog.=) '${zone.replaceAll("'", "''")}'
      AND pg_catalog.starts_with(pg_catalog.current_setting('DateStyle'), 'ISO')`;
  const styled = `${timed}
      AND pg_catalog.current_setting('extra_float_digits') OPERATOR(pg_catalog.=) ANY ('{1,2,3}'::pg_catalog.text[])
      AND pg_catalog.current_setting('IntervalStyle') OPERATOR(pg_catalog.=) 'postgres'
      AND pg_catalog.current_setting('bytea_output') OPERATOR(pg_catalog.=) 'hex'`;
  return { steady, timed, styled, unsteady: undefined }[text];
}

/**
 * The image of a row, without the subtransaction that an EXCEPTION clause costs (half of what capture costs): what writes
 * built-in types and enums cannot fail, but for the size of its result. Compressed, a column may be 255 times as large as it
 * lies in the row, and an image is at most 1 GB. Not by a cast: the application may have made one of its own from the
 * table's rows to text, which would be executed here, with the rights of the one who captures.
 */
function quickImage(row: string): string {
  const fits = `pg_catalog.pg_column_size(${row}) OPERATOR(pg_catalog.<) ${SMALL_ROW}`;
  return `CASE WHEN ${fits} THEN pg_catalog.textin(pg_catalog.record_out(${row})) ELSE ${safeImage(row)} END`;
}

function safeImage(row: string): string {
  return `playwright_stacks.image(${row}, tg_relid)`;
}

// 40001 and 40P01 end the application's transaction, which retries: hiding one would commit what must not be.
function neverFail(rel: string): string {
  return `EXCEPTION
    WHEN serialization_failure OR deadlock_detected THEN RAISE;
    WHEN OTHERS THEN
      INSERT INTO playwright_stacks.broken VALUES (pg_catalog.pg_current_xact_id(), 'capture', ${rel}, sqlerrm);`;
}

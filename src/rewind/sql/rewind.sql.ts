// The undo: net images since a mark, without order. Rows with more new images than old are deleted, those with more old
// ones inserted; sequences last, because setval knows no transaction. One call, one transaction.
import { APPLICATION } from '../../names.ts';
import { databaseState } from './database-state.ts';
import { KEEPS_SEQUENCES } from './kept-sequences.sql.ts';

/** Of rows as text that a rewind undoes: it takes some five times as much memory, and longer than a fresh clone. */
const MOST_BYTES = 256 * 2 ** 20;

/** Milliseconds. */
const LONGEST_UNHEARD = 50;

/** SQLSTATEs of its own: SK001 cannot be undone (DETAIL: the reason), SK002 no such mark, SK003 no control connection. */
export function rewindSql(eventTriggers: boolean): string {
  // How DDL is noticed: by what event triggers leave in playwright_stacks.broken; or by looking at the catalog.
  const altered = eventTriggers ? 'false' : 'm.catalog IS DISTINCT FROM playwright_stacks.catalog_now()';
  return `
-- Other sessions that are active, or have written and not ended; prepared transactions too. 'ours' are left out.
CREATE FUNCTION playwright_stacks.busy(ours integer[]) RETURNS TABLE (
  kind text, pid integer, gid text, role text, application text, state text, query text, began double precision, ms double precision) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  SELECT CASE WHEN a.backend_xid IS NULL THEN 'active' ELSE 'writing' END, a.pid, NULL, pg_get_userbyid(a.usesysid)::text,
         a.application_name, a.state, left(a.query, 5000),
         extract(epoch FROM coalesce(a.xact_start, a.query_start))::float8,
         extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start))::float8 * 1000
  FROM pg_stat_get_activity(NULL) a
  WHERE a.datid = current_setting('playwright_stacks.database')::oid AND a.pid <> pg_backend_pid() AND a.pid <> ALL (ours)
    AND (a.backend_xid IS NOT NULL OR a.backend_type = 'client backend' AND a.state IN ('active', 'fastpath function call'))
    AND a.usesysid IS NOT NULL -- Autovacuum writes no rows. Of other roles' sessions little else may be told.
  UNION ALL
  SELECT 'prepared', NULL, p.gid, pg_get_userbyid(p.ownerid)::text, NULL, 'prepared', NULL, extract(epoch FROM p.prepared)::float8,
         extract(epoch FROM clock_timestamp() - p.prepared)::float8 * 1000
  FROM pg_prepared_xact() p WHERE p.dbid = current_setting('playwright_stacks.database')::oid;
END $$;

-- How many milliseconds ago the application's sessions did anything last that are known to write: 'writers', and those that have
-- written what is captured; who only reads would be waited for in vain. Sessions of ours are not meant. And how many rows are captured.
-- A transaction sees the sessions as they were when it first looked at any: 'seen'. What it reads of the log takes longer than that.
CREATE FUNCTION playwright_stacks.heard(INOUT writers integer[], seen timestamptz, OUT ago double precision, OUT rows bigint) LANGUAGE plpgsql AS $$
BEGIN
  SELECT writers || array_agg(l.pid), coalesce(sum(l.captured), 0) INTO writers, rows FROM (SELECT pid, count(*) AS captured FROM playwright_stacks.log GROUP BY pid) l;
  SELECT array_agg(a.pid), extract(epoch FROM seen - max(least(seen, greatest(a.state_change, a.query_start, a.xact_start)))) * 1000 INTO writers, ago
  FROM pg_stat_get_activity(NULL) a
  WHERE a.datid = current_setting('playwright_stacks.database')::oid AND a.pid <> pg_backend_pid() AND NOT starts_with(a.application_name, '${APPLICATION}')
    AND a.pid = ANY (writers);
END $$;

CREATE FUNCTION playwright_stacks.give_up(reason text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', why USING ERRCODE = 'SK001', DETAIL = reason;
END $$;

-- The mark, if everything since it can be undone, and whether there is anything to undo. One statement, and as few expressions
-- as can be: each costs more to prepare than to evaluate.
CREATE FUNCTION playwright_stacks.rewindable(mark integer, OUT snap pg_snapshot, OUT captured boolean, OUT later boolean, OUT prelogged boolean, OUT sequences_moved boolean, OUT now bigint[], OUT unmoved boolean)
LANGUAGE plpgsql AS $$
DECLARE
  broken boolean; altered boolean; has_objects boolean; objects bigint; was text[]; state text[]; b record;
BEGIN
  -- Sequences are asked only where none can have been dropped.
  SELECT n.snap, n.captured, n.later, n.prelogged, n.reported IS NULL OR n.reported <> n.now OR NOT n.unmoved, n.now, n.unmoved, n.broken, n.altered, n.was, n.state, n.has_objects, n.objects
    INTO snap, captured, later, prelogged, sequences_moved, now, unmoved, broken, altered, was, state, has_objects, objects
    FROM (
      SELECT c.*, CASE WHEN NOT (c.broken OR c.altered) AND c.was = c.state AND c.state[1] IS NOT NULL THEN ARRAY(SELECT pg_sequence_last_value(unnest(c.seqs))) END AS now,
             CASE WHEN NOT (c.broken OR c.altered) AND c.was = c.state AND c.state[1] IS NOT NULL THEN c.reported IS NOT NULL AND (c.never_called = '{}' OR c.never_called = playwright_stacks.never_called()) END AS unmoved
      FROM (
        SELECT m.snap, m.objects, m.seqs, m.reported, m.never_called, m.prelogged,
               EXISTS (SELECT FROM playwright_stacks.broken WHERE NOT pg_visible_in_snapshot(x, m.snap)) AS broken,
               EXISTS (SELECT FROM playwright_stacks.log WHERE NOT pg_visible_in_snapshot(x, m.snap)) AS captured,
               EXISTS (SELECT FROM playwright_stacks.marks l WHERE l.id > m.id) AS later,
               m.objects > 0 OR EXISTS (SELECT FROM pg_largeobject_metadata) AS has_objects,
               ${altered} AS altered, m.state AS was, ${databaseState(eventTriggers)} AS state
        FROM playwright_stacks.marks m WHERE m.id = rewindable.mark AND m.home = m.tableoid OFFSET 0) AS c OFFSET 0) AS n;
  IF snap IS NULL THEN
    RAISE EXCEPTION 'mark % does not exist', mark USING ERRCODE = 'SK002';
  END IF;
  IF captured AND pg_table_size('playwright_stacks.log') > ${MOST_BYTES} THEN PERFORM playwright_stacks.refuse_much(mark, snap); END IF;
  IF NOT (broken OR altered OR has_objects) AND was = state AND state[1] IS NOT NULL THEN
    RETURN;
  END IF;
  IF broken THEN
    SELECT reason, why INTO b FROM playwright_stacks.broken WHERE NOT pg_visible_in_snapshot(x, snap) ORDER BY x LIMIT 1;
    PERFORM playwright_stacks.give_up(b.reason, b.why);
  END IF;
  PERFORM playwright_stacks.refuse_state(was, state);
  IF altered THEN
    PERFORM playwright_stacks.give_up('ddl', 'the schema was changed');
  END IF;
  -- Nested: a statement that names pg_largeobject needs the right to read it, whatever it evaluates.
  IF has_objects THEN
    IF NOT has_table_privilege('pg_largeobject', 'SELECT') THEN
      PERFORM playwright_stacks.give_up('large-object', 'there are large objects, which this role may not look at');
    END IF;
    IF objects <> (SELECT count(*) FROM pg_largeobject_metadata)
       OR EXISTS (SELECT FROM pg_largeobject_metadata WHERE age(xmin) <= age(playwright_stacks.oldest(snap)))
       OR EXISTS (SELECT FROM pg_largeobject WHERE age(xmin) <= age(playwright_stacks.oldest(snap))) THEN
      PERFORM playwright_stacks.give_up('large-object', 'large objects were written');
    END IF;
  END IF;
END $$;

-- All that is undone is held at once. What the log holds may be of others' marks, or dead.
CREATE FUNCTION playwright_stacks.refuse_much(mark integer, snap pg_snapshot) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(octet_length(i.img)) FROM playwright_stacks.images(mark, snap) AS i) > ${MOST_BYTES} THEN
    PERFORM playwright_stacks.give_up('capture', 'rows of more than ${MOST_BYTES / 2 ** 20} MB were written');
  END IF;
END $$;

-- What wrote since a snapshot is at least this young.
CREATE FUNCTION playwright_stacks.oldest(snap pg_snapshot) RETURNS xid LANGUAGE sql IMMUTABLE AS 'SELECT pg_snapshot_xmin(snap)::xid';

-- A check that failed: either others wrote in between, and it may be tried again, or a row changed unseen.
CREATE FUNCTION playwright_stacks.unexpected(what text, rel oid, expected bigint, actual bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows of % were to be %, % were', expected, rel::regclass, what, actual USING ERRCODE = 'XX001';
END $$;

-- What was captured since a mark.
CREATE FUNCTION playwright_stacks.images(mark integer, snap pg_snapshot) RETURNS TABLE (rel oid, op "char", img text) LANGUAGE sql STABLE AS $$
  SELECT l.rel, l.op, l.img FROM playwright_stacks.log l WHERE NOT pg_visible_in_snapshot(l.x, snap)
  UNION ALL
  SELECT k.rel, k.op, k.img FROM playwright_stacks.kept k WHERE k.before > mark AND NOT pg_visible_in_snapshot(k.x, snap)
$$;

-- The snapshot that sessions will have after a transaction for as long as no other ends on this server: until then nothing can
-- have been written. NULL where others were in one already, or came in between.
CREATE FUNCTION playwright_stacks.snapshot_after(began pg_snapshot, own xid8) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN pg_snapshot_xmin(began) <> pg_snapshot_xmax(began) THEN NULL WHEN own IS NULL THEN began::text
    WHEN own = pg_snapshot_xmax(began) THEN format('%1$s:%1$s:', own::text::bigint + 1) END
$$;

-- Keeps everybody else from writing to these tables until the transaction ends. The application's transactions lock them in an order of
-- their own: where one holds a table that is wanted here, and waits for one that is held here, all are given back and the wanted one
-- comes first the next time. So the order is learned, and transactions that are short let us through. lock_timeout, which is below
-- the server's deadlock_timeout, ends each wait. Whoever keeps even the first one is not short.
CREATE FUNCTION playwright_stacks.hold_tables(tables oid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  wanted oid; kept integer := 0; deadline timestamptz := clock_timestamp() + interval '1.5 s';
BEGIN
  LOOP
    BEGIN
      FOREACH wanted IN ARRAY tables LOOP
        EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', wanted::regclass);
      END LOOP;
      RETURN;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      IF wanted = tables[1] THEN kept := kept + 1; END IF;
      IF kept = 2 OR clock_timestamp() > deadline THEN RAISE; END IF;
      tables := wanted || array_remove(tables, wanted);
    END;
  END LOOP;
END $$;

-- wait_for: the kinds of playwright_stacks.busy that must not be there. quiet: milliseconds for which playwright_stacks.heard must
-- have heard nothing of 'writers'; 0: it is only asked, where there is something to undo; NULL: not even that. others: 'run', or 'wait' for a second try: they then cannot write to
-- the changed tables until it is done. unchanged: what the last one returned, so until somebody writes. Returns what it did, or
-- only who is busy.
CREATE FUNCTION playwright_stacks.rewind(mark integer, ours integer[], wait_for text[], others text, unchanged text, quiet double precision, writers integer[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  m record; busy jsonb; tables jsonb; sequences text[]; began pg_snapshot; alone boolean; seen timestamptz; last timestamptz; heard jsonb; keeps boolean := ${KEEPS_SEQUENCES}; nets playwright_stacks.net[]; net playwright_stacks.net;
BEGIN
  IF playwright_stacks.lock() IS NULL THEN END IF;
  -- A look that costs a third of playwright_stacks.busy's: is anybody here in a transaction? Sessions of other roles and such as are not tracked
  -- may hide that, and prepared transactions have none; but who has written has a transaction id. On this server nobody has one where
  -- the oldest that the snapshot waits for is the next to be given: its age is 0. Between two transactions of a procedure it sees
  -- nobody: what that writes then comes late. The snapshot comes second: what ends in between is in it.
  -- And when did anybody do anything last?
  seen := clock_timestamp();
  SELECT count(pg_stat_get_backend_xact_start(b)) = 0, max(pg_stat_get_backend_activity_start(b)) INTO alone, last FROM pg_stat_get_backend_idset() b
    WHERE pg_stat_get_backend_dbid(b) = current_setting('playwright_stacks.database')::oid AND pg_stat_get_backend_pid(b) <> pg_backend_pid();
  began := pg_current_snapshot();
  IF NOT alone OR age(playwright_stacks.oldest(began)) <> 0 THEN
    SELECT jsonb_agg(b) INTO busy FROM playwright_stacks.busy(ours) b WHERE b.kind = ANY (wait_for);
    IF busy IS NOT NULL THEN RETURN jsonb_build_object('busy', busy); END IF;
  END IF;
  -- That was when a statement began: one that took longer than ${LONGEST_UNHEARD} ms may go unheard.
  IF quiet > 0 AND last > seen - make_interval(secs => (quiet + ${LONGEST_UNHEARD}) / 1000) THEN
    heard := to_jsonb(playwright_stacks.heard(writers, seen));
    IF (heard ->> 'ago')::double precision < quiet THEN RETURN jsonb_build_object('wait', heard); END IF;
  END IF;
  -- Nobody has written; values that are logged ahead may have been drawn all the same.
  IF NOT keeps AND (CASE unchanged WHEN concat(mark, ' ', began) THEN true WHEN concat(mark, ' prelogged ', began)
    THEN (SELECT reported = ARRAY(SELECT pg_sequence_last_value(unnest(seqs))) FROM playwright_stacks.marks WHERE id = mark) END) THEN
    RETURN jsonb_build_object('unchanged', unchanged);
  END IF;
  m := playwright_stacks.rewindable(mark);
  IF quiet = 0 AND m.captured THEN heard := to_jsonb(playwright_stacks.heard(writers, seen)); END IF;
  IF m.captured OR m.later THEN
    IF m.later THEN
      WITH older AS (DELETE FROM playwright_stacks.kept WHERE before > mark AND NOT pg_visible_in_snapshot(x, m.snap) RETURNING x, rel, op, img)
      INSERT INTO playwright_stacks.log TABLE older;
      DELETE FROM playwright_stacks.marks WHERE id > mark;
    END IF;
    IF others = 'wait' THEN
      PERFORM playwright_stacks.hold_tables(ARRAY(
        SELECT known.rel FROM playwright_stacks.rel known WHERE known.rel IN (SELECT i.rel FROM playwright_stacks.images(mark, m.snap) i)));
    END IF;
    WITH gone AS (
      DELETE FROM playwright_stacks.log WHERE NOT pg_visible_in_snapshot(x, m.snap) RETURNING rel, op, img),
    net AS (
      SELECT rel, img, sum(CASE op WHEN 'N' THEN 1 ELSE -1 END) AS k FROM gone GROUP BY rel, img),
    single AS (
      SELECT rel, img, k > 0 AS excess, generate_series(1, abs(k)) FROM net),
    changed AS (
      SELECT rel, array_agg(img) FILTER (WHERE excess) AS excess, array_agg(img) FILTER (WHERE NOT excess) AS missing FROM single GROUP BY rel)
    SELECT array_agg((rel, excess, missing, NULL, NULL)::playwright_stacks.net), jsonb_agg(jsonb_build_object('table', rel::regclass::text,
             'deleted', coalesce(cardinality(excess), 0), 'inserted', coalesce(cardinality(missing), 0)))
      INTO nets, tables FROM changed;
    IF nets IS NULL THEN -- What was written was taken back.
    ELSIF current_setting('session_replication_role') = 'replica' THEN
      FOREACH net IN ARRAY nets LOOP
        EXECUTE format('CALL playwright_stacks.undo_%s($1, $2, $3)', net.rel) USING net.excess, net.missing, playwright_stacks.oldest(m.snap);
      END LOOP;
    ELSE
      PERFORM playwright_stacks.undo_together(nets, playwright_stacks.oldest(m.snap));
    END IF;
  END IF;
  IF keeps THEN
    sequences := playwright_stacks.keep_sequences(mark);
  ELSIF m.sequences_moved THEN
    IF EXISTS (SELECT FROM playwright_stacks.furthest) THEN PERFORM playwright_stacks.remember_furthest(mark); END IF;
    sequences := playwright_stacks.undo_sequences(mark, m.now, m.unmoved);
  END IF;
  RETURN jsonb_build_object('tables', tables, 'sequences', sequences, 'heard', heard,
    'unchanged', CASE WHEN NOT keeps THEN concat(mark, CASE m.prelogged WHEN true THEN ' prelogged ' WHEN false THEN ' ' END || playwright_stacks.snapshot_after(began, pg_current_xact_id_if_assigned())) END);
END $$;
`;
}

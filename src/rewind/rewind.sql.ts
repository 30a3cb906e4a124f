// The undo: net images since a mark, without order. Rows with more new images than old are deleted, those with more old
// ones inserted; sequences last, because setval knows no transaction. One call, one transaction.

/** The columns of a session that may not be writing, and the SQLSTATEs that stk.rewind raises, are rewind.ts's. */
export const rewindSql: string = `
-- Other sessions that are active, or have written and not ended; prepared transactions too. 'ours' are left out.
CREATE FUNCTION stk.busy(ours integer[]) RETURNS TABLE (
  kind text, pid integer, gid text, role text, application text, state text, query text, ms double precision) LANGUAGE sql AS $$
  SELECT CASE WHEN a.backend_xid IS NULL THEN 'active' ELSE 'writing' END, a.pid, NULL, pg_get_userbyid(a.usesysid)::text,
         a.application_name, a.state, left(a.query, 200), extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start)) * 1000
  FROM pg_stat_get_activity(NULL) a
  WHERE a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND a.pid <> pg_backend_pid() AND a.pid <> ALL (ours)
    AND (a.backend_xid IS NOT NULL OR a.backend_type = 'client backend' AND a.state IN ('active', 'fastpath function call'))
    AND a.backend_type <> 'autovacuum worker'
  UNION ALL
  SELECT 'prepared', NULL, p.gid, p.owner::text, NULL, 'prepared', NULL, extract(epoch FROM clock_timestamp() - p.prepared) * 1000
  FROM pg_prepared_xacts p WHERE p.database = current_database();
$$;

CREATE FUNCTION stk.give_up(reason text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', why USING ERRCODE = 'SK001', DETAIL = reason;
END $$;

-- The mark, if everything since it can be undone.
CREATE FUNCTION stk.rewindable(mark integer) RETURNS stk.marks LANGUAGE plpgsql AS $$
DECLARE
  m stk.marks; b record;
BEGIN
  SELECT * INTO m FROM stk.marks WHERE id = mark;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'mark % does not exist', mark USING ERRCODE = 'SK002';
  END IF;
  SELECT reason, why INTO b FROM stk.broken WHERE NOT pg_visible_in_snapshot(x, m.snap) ORDER BY x LIMIT 1;
  IF FOUND THEN PERFORM stk.give_up(b.reason, b.why); END IF;
  IF (SELECT event_triggers FROM stk.info) AND
     (SELECT count(*) FROM pg_event_trigger WHERE evtname IN ('stk_on_ddl', 'stk_on_drop') AND evtenabled = 'A') <> 2 THEN
    PERFORM stk.give_up('ddl', 'the event triggers that notice DDL were disabled or dropped');
  END IF;
  IF m.objects > 0 OR EXISTS (SELECT FROM pg_largeobject_metadata) THEN
    IF m.objects <> (SELECT count(*) FROM pg_largeobject_metadata)
       OR EXISTS (SELECT FROM pg_largeobject_metadata WHERE age(xmin) <= age(pg_snapshot_xmin(m.snap)::xid))
       OR EXISTS (SELECT FROM pg_largeobject WHERE age(xmin) <= age(pg_snapshot_xmin(m.snap)::xid)) THEN
      PERFORM stk.give_up('large-object', 'large objects were written');
    END IF;
  END IF;
  RETURN m;
END $$;

-- Undoes one table. The application's triggers and rules of kind ALWAYS or REPLICA would fire even for us.
CREATE FUNCTION stk.undo(rel oid, excess text[], missing text[], oldest xid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  changed bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM stk.rel r WHERE r.rel = undo.rel) THEN
    PERFORM stk.give_up('foreign-table', format('%s is not a table whose rows can be written back', rel::regclass));
  END IF;
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = rel AND tgenabled IN ('A', 'R') AND NOT starts_with(tgname, '~stk_'))
     OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = rel AND ev_enabled IN ('A', 'R')) THEN
    PERFORM stk.give_up('always-trigger', format('%s has a trigger or rule that is enabled ALWAYS or REPLICA', rel::regclass));
  END IF;
  IF excess IS NOT NULL THEN
    EXECUTE format('SELECT stk.delete_%s($1, $2)', rel) INTO changed USING excess, oldest;
    IF changed <> cardinality(excess) THEN
      RAISE EXCEPTION '% rows of % should be deleted, % were found', cardinality(excess), rel::regclass, changed USING ERRCODE = 'XX001';
    END IF;
  END IF;
  IF missing IS NOT NULL THEN
    EXECUTE format('SELECT stk.insert_%s($1)', rel) INTO changed USING missing;
    IF changed <> cardinality(missing) THEN
      RAISE EXCEPTION '% rows of % should be inserted, % were', cardinality(missing), rel::regclass, changed USING ERRCODE = 'XX001';
    END IF;
  END IF;
END $$;

CREATE FUNCTION stk.undo_sequences(m stk.marks) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  now record; s record; moved text[] := '{}';
BEGIN
  SELECT * INTO now FROM stk.sequences();
  IF now.seqs = m.seqs AND now.lasts = m.lasts AND now.called = m.called THEN RETURN moved; END IF;
  IF now.seqs <> m.seqs THEN PERFORM stk.give_up('ddl', 'sequences were created or dropped'); END IF;
  FOR s IN
    SELECT u.seq, u.last, u.called, q.cache
    FROM unnest(m.seqs, m.lasts, m.called, now.lasts, now.called) AS u(seq, last, called, now_last, now_called)
    JOIN stk.sequence q ON q.seq = u.seq
    WHERE (u.last, u.called) IS DISTINCT FROM (u.now_last, u.now_called)
  LOOP
    IF s.cache > 1 THEN
      PERFORM stk.give_up('sequence-cache', format('%s has CACHE %s: sessions hold values that cannot be taken back', s.seq::regclass, s.cache));
    END IF;
    PERFORM setval(s.seq::regclass, s.last, s.called);
    moved := moved || s.seq::regclass::text;
  END LOOP;
  RETURN moved;
END $$;

-- heed: the kinds of stk.busy that must not be there. Returns what it did, or only who is busy.
CREATE FUNCTION stk.rewind(mark integer, ours integer[], heed text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  m stk.marks; upto pg_snapshot; r record; busy jsonb; tables jsonb := '[]'; sequences text[];
BEGIN
  PERFORM stk.lock();
  IF cardinality(heed) > 0 THEN
    SELECT jsonb_agg(b) INTO busy FROM stk.busy(ours) b WHERE b.kind = ANY (heed);
    IF busy IS NOT NULL THEN RETURN jsonb_build_object('busy', busy); END IF;
  END IF;
  m := stk.rewindable(mark);
  upto := pg_current_snapshot();
  FOR r IN
    SELECT net.rel,
           array_agg(net.img) FILTER (WHERE net.k > 0) AS excess, count(*) FILTER (WHERE net.k > 0) AS deleted,
           array_agg(net.img) FILTER (WHERE net.k < 0) AS missing, count(*) FILTER (WHERE net.k < 0) AS inserted
    FROM (SELECT rel, img, sum(CASE op WHEN 'N' THEN 1 ELSE -1 END) AS k FROM stk.log
          WHERE NOT pg_visible_in_snapshot(x, m.snap) AND pg_visible_in_snapshot(x, upto) GROUP BY rel, img) AS net,
         generate_series(1, abs(net.k))
    GROUP BY net.rel
  LOOP
    PERFORM stk.undo(r.rel, r.excess, r.missing, pg_snapshot_xmin(m.snap)::xid);
    tables := tables || jsonb_build_object('table', r.rel::regclass, 'deleted', r.deleted, 'inserted', r.inserted);
  END LOOP;
  DELETE FROM stk.log WHERE NOT pg_visible_in_snapshot(x, m.snap) AND pg_visible_in_snapshot(x, upto);
  DELETE FROM stk.marks WHERE id > mark;
  sequences := stk.undo_sequences(m);
  RETURN jsonb_build_object('tables', tables, 'sequences', sequences);
END $$;
`;

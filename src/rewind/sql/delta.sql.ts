// The net changes between two marks, to be applied to another clone of the same template. Tables are told by name: what
// an application makes at its start has another oid in every clone.
import { databaseState } from './database-state.ts';
import { KEEPS_SEQUENCES } from './kept-sequences.sql.ts';

/** Of images as text: as jsonb, and as a message to other workers, more would not fit. */
const MOST_BYTES = 64 * 2 ** 20;

export function deltaSql(eventTriggers: boolean): string {
  return `
-- Row images, and how many more of each came (k > 0) or went.
CREATE FUNCTION playwright_stacks.net_between(mark integer, low pg_snapshot, high pg_snapshot) RETURNS TABLE (rel oid, img text, k bigint) LANGUAGE sql STABLE AS $$
  SELECT i.rel, i.img, sum(CASE i.op WHEN 'N' THEN 1 ELSE -1 END)
  FROM (SELECT l.rel, l.op, l.img, l.x FROM playwright_stacks.log l UNION ALL SELECT k.rel, k.op, k.img, k.x FROM playwright_stacks.kept k WHERE k.before > mark) i
  WHERE NOT pg_visible_in_snapshot(i.x, low) AND pg_visible_in_snapshot(i.x, high)
  GROUP BY i.rel, i.img
$$;

-- until: a later mark, or NULL for now. As json: jsonb_agg takes four times as long for arrays twice as long.
CREATE FUNCTION playwright_stacks.delta(since integer, until integer) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  m playwright_stacks.marks; e playwright_stacks.marks; upto pg_snapshot; b record; bytes bigint; tables json; sequences json;
BEGIN
  PERFORM playwright_stacks.lock();
  SELECT * INTO m FROM playwright_stacks.marks WHERE id = since AND home = tableoid;
  SELECT * INTO e FROM playwright_stacks.marks WHERE id = until AND home = tableoid;
  IF m.id IS NULL OR until IS NOT NULL AND e.id IS NULL THEN
    RAISE EXCEPTION 'mark % does not exist', coalesce(until, since) USING ERRCODE = 'SK002';
  END IF;
  upto := coalesce(e.snap, pg_current_snapshot());
  SELECT reason, why INTO b FROM playwright_stacks.broken
    WHERE NOT pg_visible_in_snapshot(x, m.snap) AND pg_visible_in_snapshot(x, upto) ORDER BY x LIMIT 1;
  IF FOUND THEN PERFORM playwright_stacks.give_up(b.reason, b.why); END IF;
  PERFORM playwright_stacks.refuse_state(m.state, coalesce(e.state, ${databaseState(eventTriggers)}));
  SELECT sum(abs(k) * octet_length(img)) INTO bytes FROM playwright_stacks.net_between(since, m.snap, upto);
  IF bytes > ${MOST_BYTES} THEN RAISE EXCEPTION 'too much' USING ERRCODE = 'SK004', DETAIL = bytes; END IF;
  SELECT json_agg(json_build_object('table', name, 'gone', gone, 'come', come) ORDER BY name) INTO tables
    FROM (
      SELECT known.name, coalesce(array_agg(net.img) FILTER (WHERE net.k < 0), '{}') AS gone,
             coalesce(array_agg(net.img) FILTER (WHERE net.k > 0), '{}') AS come
      FROM playwright_stacks.net_between(since, m.snap, upto) net
        CROSS JOIN generate_series(1, abs(net.k)) JOIN playwright_stacks.rel known USING (rel)
      GROUP BY known.name) t;
  -- Sequences that are kept move by themselves: that is no change, unless rows came with it.
  IF tables IS NULL AND ${KEEPS_SEQUENCES} THEN RETURN '{"tables": [], "sequences": []}'; END IF;
  IF e.id IS NULL THEN SELECT s.seqs, s.lasts, s.called INTO e.seqs, e.lasts, e.called FROM playwright_stacks.sequences() s; END IF;
  SELECT json_agg(json_build_object('sequence', known.name, 'last', u.last::text, 'called', u.called)) INTO sequences
    FROM unnest(e.seqs, e.lasts, e.called) AS u(seq, last, called) JOIN playwright_stacks.sequence known USING (seq)
      LEFT JOIN unnest(m.seqs, m.lasts, m.called) AS w(seq, last, called) USING (seq)
    WHERE (u.last, u.called) IS DISTINCT FROM (w.last, w.called);
  RETURN json_build_object('tables', coalesce(tables, '[]'), 'sequences', coalesce(sequences, '[]'));
END $$;

-- Applies it as if it were written now: it is captured, so that a rewind to an earlier mark takes it back.
CREATE FUNCTION playwright_stacks.replay(delta jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t record; s record; gone text[]; come text[]; together playwright_stacks.net[];
BEGIN
  PERFORM playwright_stacks.lock();
  FOR t IN SELECT j ->> 'table' AS name, j, known.rel FROM jsonb_array_elements(delta -> 'tables') j LEFT JOIN playwright_stacks.rel known ON known.name = j ->> 'table' LOOP
    IF t.rel IS NULL THEN PERFORM playwright_stacks.give_up('ddl', format('there is no table %s', t.name)); END IF;
    gone := ARRAY(SELECT jsonb_array_elements_text(t.j -> 'gone'));
    come := ARRAY(SELECT jsonb_array_elements_text(t.j -> 'come'));
    IF current_setting('session_replication_role') = 'replica' THEN
      EXECUTE format('CALL playwright_stacks.undo_%s($1, $2, $3)', t.rel)
        USING nullif(gone, '{}'), nullif(come, '{}'), '2'::xid; -- rows of any age
    ELSE
      together := together || (t.rel, nullif(gone, '{}'), nullif(come, '{}'), NULL, NULL)::playwright_stacks.net;
    END IF;
    INSERT INTO playwright_stacks.log SELECT pg_current_xact_id(), t.rel, 'O', i FROM unnest(gone) i
              UNION ALL SELECT pg_current_xact_id(), t.rel, 'N', i FROM unnest(come) i;
  END LOOP;
  IF together IS NOT NULL THEN PERFORM playwright_stacks.undo_together(together, '2'::xid); END IF;
  FOR s IN SELECT j ->> 'sequence' AS name, (j ->> 'last')::bigint AS last, (j ->> 'called')::boolean AS called, known.seq
    FROM jsonb_array_elements(delta -> 'sequences') j LEFT JOIN playwright_stacks.sequence known ON known.name = j ->> 'sequence' LOOP
    IF s.seq IS NULL THEN PERFORM playwright_stacks.give_up('ddl', format('there is no sequence %s', s.name)); END IF;
    PERFORM playwright_stacks.set_sequence(s.seq, s.last, s.called);
  END LOOP;
END $$;
`;
}

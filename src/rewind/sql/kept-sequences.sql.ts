// Sequences that no rewind sets back, so that no value is given out twice: a session of ours that has said `keep` sets them
// forward to where they had been, and that is remembered for as long as the database lives.

/** Whether this session keeps sequences: an expression. */
export const KEEPS_SEQUENCES = `current_setting('playwright_stacks.sequences', true) IS NOT DISTINCT FROM 'keep'`;

export const keptSequencesSql: string = `
-- The furthest value that each has given out. Empty until somebody keeps sequences.
CREATE UNLOGGED TABLE playwright_stacks.furthest (seq oid PRIMARY KEY, last bigint NOT NULL);

-- Where each is, was at the mark and had been, whichever is furthest in its direction. Of one that begins again at its end nothing is
-- further than another: it goes back to the mark.
CREATE FUNCTION playwright_stacks.furthest_positions(mark integer) RETURNS TABLE (seq oid, last bigint, called boolean, moves boolean) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (p.seq) p.seq, p.last, p.called, (p.last, p.called) IS DISTINCT FROM (p.last_now, p.called_now)
  FROM (
    SELECT *, max(a.last) FILTER (WHERE a.at = 'now') OVER same AS last_now, bool_or(a.called) FILTER (WHERE a.at = 'now') OVER same AS called_now,
      bool_or(a.at = 'now') OVER same AS is_there
    FROM (
      SELECT c.*, 'now' AS at FROM playwright_stacks.sequences() s, unnest(s.seqs, s.lasts, s.called) AS c(seq, last, called)
      UNION ALL SELECT w.*, 'mark' FROM playwright_stacks.marks m, unnest(m.seqs, m.lasts, m.called) AS w(seq, last, called) WHERE m.id = mark
      UNION ALL SELECT f.seq, f.last, true, 'before' FROM playwright_stacks.furthest f) a
    WINDOW same AS (PARTITION BY a.seq)) p
    JOIN pg_sequence q ON q.seqrelid = p.seq
  WHERE p.is_there AND (p.at = 'mark' OR NOT q.seqcycle)
  ORDER BY p.seq, sign(q.seqincrement) * p.last::numeric DESC, p.called DESC
$$;

CREATE FUNCTION playwright_stacks.remember_furthest(mark integer) RETURNS void LANGUAGE sql AS $$
  INSERT INTO playwright_stacks.furthest SELECT p.seq, p.last FROM playwright_stacks.furthest_positions(mark) p WHERE p.called
  ON CONFLICT (seq) DO UPDATE SET last = excluded.last WHERE furthest.last <> excluded.last
$$;

-- Instead of playwright_stacks.undo_sequences(). Returns those that were set.
CREATE FUNCTION playwright_stacks.keep_sequences(mark integer) RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM playwright_stacks.remember_furthest(mark);
  RETURN (
    SELECT array_agg(p.seq::regclass::text)
    FROM playwright_stacks.furthest_positions(mark) p WHERE CASE WHEN p.moves THEN setval(p.seq::regclass, p.last, p.called) IS NOT NULL END);
END $$;

-- When a session begins to keep them, outside of a rewind.
CREATE FUNCTION playwright_stacks.go_forward(mark integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM playwright_stacks.lock();
  PERFORM playwright_stacks.keep_sequences(mark);
END $$;

-- What a replay does with one: where they are kept it goes forward only.
CREATE FUNCTION playwright_stacks.set_sequence(seq oid, last bigint, called boolean) RETURNS void LANGUAGE sql AS $$
  SELECT setval(seq::regclass, last, called) FROM pg_sequence q
  WHERE q.seqrelid = seq AND (NOT (${KEEPS_SEQUENCES}) OR q.seqcycle
    OR coalesce(sign(q.seqincrement) * last::numeric > sign(q.seqincrement) * pg_sequence_last_value(seq)::numeric, true))
$$;

-- Where all that were called are or had been, by name: for a fresh clone. It may be because of DDL, so that some were dropped.
CREATE FUNCTION playwright_stacks.reached() RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM playwright_stacks.lock();
  RETURN (
    SELECT coalesce(jsonb_object_agg(r.name, r.last::text), '{}')
    FROM (
      SELECT n.name, CASE WHEN n.increment < 0 THEN least(n.now, f.last) ELSE greatest(n.now, f.last) END AS last
      FROM (
        SELECT known.seq, known.name, CASE WHEN NOT q.seqcycle THEN q.seqincrement END AS increment,
          CASE WHEN NOT q.seqcycle THEN pg_sequence_last_value(q.seqrelid) END AS now
        FROM playwright_stacks.sequence known LEFT JOIN pg_sequence q ON q.seqrelid = known.seq OFFSET 0) n LEFT JOIN playwright_stacks.furthest f USING (seq)) r
    WHERE r.last IS NOT NULL);
END $$;

-- Those that a test has made are not in a fresh clone.
CREATE FUNCTION playwright_stacks.go_on_from(reached jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM playwright_stacks.lock();
  PERFORM playwright_stacks.set_sequence(known.seq, r.last::bigint, true) FROM jsonb_each_text(reached) AS r(name, last) JOIN playwright_stacks.sequence known USING (name);
END $$;
`;

// Sequences, whose values no trigger sees and no transaction undoes: read at a mark, compared and set back by a rewind.

/** @param version server_version_num */
export function sequenceSql(version: number): string {
  // pg_sequence_last_value tells no value where the sequence has not been called; only then the slower way is needed.
  const uncalled =
    version >= 180000
      ? 'LANGUAGE sql AS $$ SELECT (pg_get_sequence_data(seq)).last_value $$'
      : `LANGUAGE plpgsql AS $$
DECLARE
  last bigint;
BEGIN
  EXECUTE format('SELECT last_value FROM %s', seq::regclass) INTO last;
  RETURN last;
END $$`;
  return `
-- settled: the value from which the next one cannot be drawn without a transaction id; NULL: unknown, or it can.
CREATE TABLE stk.sequence (seq oid PRIMARY KEY, cache bigint NOT NULL, name text NOT NULL, settled bigint);
CREATE FUNCTION stk.uncalled(seq oid) RETURNS bigint ${uncalled};

CREATE FUNCTION stk.sequences(OUT seqs oid[], OUT lasts bigint[], OUT called boolean[]) LANGUAGE sql AS $$
  SELECT coalesce(array_agg(s.seq), '{}'), coalesce(array_agg(coalesce(s.last, stk.uncalled(s.seq))), '{}'),
         coalesce(array_agg(s.last IS NOT NULL), '{}')
  FROM (SELECT seq, pg_sequence_last_value(seq) AS last FROM stk.sequence ORDER BY seq OFFSET 0) s
$$;

-- setval leaves nothing drawn ahead: that, and all that follows, is logged, under a transaction id. Only where nobody else
-- is writing, for what he draws meanwhile would be lost.
CREATE FUNCTION stk.settle_sequences() RETURNS void LANGUAGE sql AS $$
  UPDATE stk.sequence s SET settled = setval(s.seq::regclass, u.last, u.called)
  FROM stk.sequences() n, unnest(n.seqs, n.lasts, n.called) AS u(seq, last, called), pg_class c, pg_sequence q
  WHERE u.seq = s.seq AND c.oid = s.seq AND c.relpersistence = 'p' AND q.seqrelid = s.seq AND NOT q.seqcycle
$$;

-- Those that may move unseen from where they are, as places in the arrays.
CREATE FUNCTION stk.restless(seqs oid[], lasts bigint[]) RETURNS integer[] LANGUAGE sql AS $$
  SELECT coalesce(array_agg(u.at::integer), '{}')
  FROM unnest(seqs, lasts) WITH ORDINALITY AS u(seq, last, at)
  WHERE (SELECT s.settled FROM stk.sequence s WHERE s.seq = u.seq) IS DISTINCT FROM u.last
$$;

-- Back to a mark. now: what pg_sequence_last_value says of each; NULL: only the restless are looked at, where no
-- transaction id was used since they were as at the mark.
CREATE FUNCTION stk.undo_sequences(mark integer, now bigint[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  s record; moved text[] := '{}'; value bigint;
BEGIN
  FOR s IN
    SELECT u.seq, u.last, u.called, (SELECT q.cache FROM stk.sequence q WHERE q.seq = u.seq) AS cache
    FROM stk.marks m, LATERAL (
      SELECT * FROM unnest(m.seqs, m.lasts, m.called, now) WHERE now IS NOT NULL
      UNION ALL
      SELECT m.seqs[at], m.lasts[at], m.called[at], pg_sequence_last_value(m.seqs[at]) FROM unnest(m.restless) AS at WHERE now IS NULL
    ) AS u(seq, last, called, told)
    WHERE m.id = mark AND CASE
      WHEN u.called THEN u.told IS DISTINCT FROM u.last
      ELSE u.told IS NOT NULL OR stk.uncalled(u.seq) <> u.last END
    ORDER BY cache DESC -- What cannot be is met before anything is set.
  LOOP
    IF s.cache > 1 THEN
      PERFORM stk.give_up('sequence-cache', format('%s has CACHE %s: sessions hold values that cannot be taken back', s.seq::regclass, s.cache));
    END IF;
    value := setval(s.seq::regclass, s.last, s.called);
    moved := moved || s.seq::regclass::text;
  END LOOP;
  RETURN moved;
END $$;
`;
}

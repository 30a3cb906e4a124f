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
CREATE TABLE stk.sequence (seq oid PRIMARY KEY, cache bigint NOT NULL, name text NOT NULL);
CREATE FUNCTION stk.uncalled(seq oid) RETURNS bigint ${uncalled};

CREATE FUNCTION stk.sequences(OUT seqs oid[], OUT lasts bigint[], OUT called boolean[]) LANGUAGE sql AS $$
  SELECT coalesce(array_agg(s.seq), '{}'), coalesce(array_agg(coalesce(s.last, stk.uncalled(s.seq))), '{}'),
         coalesce(array_agg(s.last IS NOT NULL), '{}')
  FROM (SELECT seq, pg_sequence_last_value(seq) AS last FROM stk.sequence ORDER BY seq OFFSET 0) s
$$;

CREATE FUNCTION stk.undo_sequences(mark integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  s record; moved text[] := '{}';
BEGIN
  FOR s IN
    SELECT u.seq, u.last, u.called, (SELECT q.cache FROM stk.sequence q WHERE q.seq = u.seq) AS cache
    FROM stk.marks m, unnest(m.seqs, m.lasts, m.called) AS u(seq, last, called)
    WHERE m.id = mark AND CASE
      WHEN u.called THEN pg_sequence_last_value(u.seq) IS DISTINCT FROM u.last
      ELSE pg_sequence_last_value(u.seq) IS NOT NULL OR stk.uncalled(u.seq) <> u.last END
    ORDER BY cache DESC -- What cannot be is met before anything is set.
  LOOP
    IF s.cache > 1 THEN
      PERFORM stk.give_up('sequence-cache', format('%s has CACHE %s: sessions hold values that cannot be taken back', s.seq::regclass, s.cache));
    END IF;
    PERFORM setval(s.seq::regclass, s.last, s.called);
    moved := moved || s.seq::regclass::text;
  END LOOP;
  RETURN moved;
END $$;
`;
}

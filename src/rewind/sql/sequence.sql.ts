// Sequences, whose values no trigger sees and no transaction undoes: read at a mark, compared and set back by a rewind.

/** @param version server_version_num */
export function sequenceSql(version: number): string {
  // Asked of those that pg_sequence_last_value tells nothing of. A look at one costs 3 µs in a plan that is kept, 30 else; a plan
  // for many takes long to make, and for thousands too much stack.
  const [one, some] =
    version >= 180000
      ? [
          'LANGUAGE sql AS $$ SELECT (pg_get_sequence_data(seq)).last_value $$',
          `'SELECT (pg_get_sequence_data(u)).last_value FROM unnest(' || quote_literal(array_agg(seq ORDER BY nth)) || '::oid[]) u'`,
        ]
      : [
          `LANGUAGE plpgsql AS $$
DECLARE
  last bigint;
BEGIN
  EXECUTE format('SELECT last_value FROM %s', seq::regclass) INTO last;
  RETURN last;
END $$`,
          `string_agg(format('SELECT last_value FROM %s', seq::regclass), ' UNION ALL ' ORDER BY nth)`,
        ];
  return `
-- logged: not so of an unlogged one. nth: its place in playwright_stacks.never_called(); NULL: it had been called when capture was armed.
CREATE UNLOGGED TABLE playwright_stacks.sequence (seq oid PRIMARY KEY, cache bigint NOT NULL, name text NOT NULL, logged boolean NOT NULL, nth integer);
CREATE FUNCTION playwright_stacks.never_called(seq oid) RETURNS bigint ${one};

-- Writes playwright_stacks.never_called(): the first values of those that had not been called, by statements for 50 each.
CREATE FUNCTION playwright_stacks.write_uncalled() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION playwright_stacks.never_called() RETURNS bigint[] LANGUAGE plpgsql AS %L',
    'BEGIN RETURN ' || (
      SELECT coalesce(string_agg('ARRAY(' || part.query || ')', ' || ' ORDER BY part.nth), $q$'{}'::bigint[]$q$)
      FROM (SELECT (nth - 1) / 50 AS nth, ${some} AS query FROM playwright_stacks.sequence WHERE nth IS NOT NULL GROUP BY 1) part
    ) || '; END');
END $$;

-- All of them, those with a cache first. reported: what pg_sequence_last_value says of each; NULL where it is not enough, together
-- with never_called, to know that none was moved. prelogged: whether one may be drawn from without a transaction id, as one that was
-- called may: up to 32 values are logged ahead; NULL: one that was not called may be moved so, too.
CREATE FUNCTION playwright_stacks.sequences(
  OUT seqs oid[], OUT lasts bigint[], OUT called boolean[], OUT reported bigint[], OUT never_called bigint[], OUT cached integer, OUT prelogged boolean) LANGUAGE sql AS $$
  SELECT coalesce(array_agg(s.seq), '{}'), coalesce(array_agg(coalesce(s.reported, u.firsts[s.nth], playwright_stacks.never_called(s.seq))), '{}'),
         coalesce(array_agg(s.reported IS NOT NULL), '{}'),
         CASE WHEN bool_and(s.reported IS NOT NULL OR s.nth IS NOT NULL) IS NOT FALSE THEN coalesce(array_agg(s.reported), '{}') END,
         (SELECT playwright_stacks.never_called()), count(*) FILTER (WHERE s.cache > 1)::integer,
         CASE WHEN bool_and(s.reported IS NOT NULL OR s.logged) IS NOT FALSE THEN coalesce(bool_or(s.reported IS NOT NULL), false) END
  FROM (SELECT *, pg_sequence_last_value(seq) AS reported FROM playwright_stacks.sequence ORDER BY cache > 1 DESC, seq OFFSET 0) s,
    (SELECT playwright_stacks.never_called() AS firsts OFFSET 0) u
$$;

-- Back to a mark. now: what pg_sequence_last_value says of each. unmoved: the never_called ones that it tells nothing of are as they
-- were. Those with a cache are met before anything is set.
CREATE FUNCTION playwright_stacks.undo_sequences(mark integer, now bigint[], unmoved boolean) RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
  RETURN (
    SELECT array_agg(u.seq::regclass::text)
    FROM playwright_stacks.marks m, unnest(m.seqs, m.lasts, m.called, now) WITH ORDINALITY AS u(seq, last, called, reported, at)
    WHERE m.id = mark AND CASE -- One: the planner may evaluate several conditions in another order.
      WHEN u.called AND u.reported = u.last OR NOT u.called AND u.reported IS NULL AND (unmoved OR playwright_stacks.never_called(u.seq) = u.last) THEN false
      WHEN u.at <= m.cached THEN playwright_stacks.refuse_cached(u.seq)
      ELSE setval(u.seq::regclass, u.last, u.called) IS NOT NULL END);
END $$;

CREATE FUNCTION playwright_stacks.refuse_cached(seq oid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM playwright_stacks.give_up('sequence-cache', format('%s has CACHE %s: sessions hold values that cannot be taken back',
    seq::regclass, (SELECT s.cache FROM playwright_stacks.sequence s WHERE s.seq = refuse_cached.seq)));
END $$;
`;
}

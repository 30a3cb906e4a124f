// Sequences, whose values no trigger sees and no transaction undoes: read at a mark, compared and set back by a rewind.

/** @param version server_version_num */
export function sequenceSql(version: number): string {
  // Asked of those that pg_sequence_last_value tells nothing of. A look at one costs 3 µs in a plan that is kept, 30 else.
  const [one, many] =
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
-- settled: the value from which the next one cannot be drawn without a transaction id; NULL: unknown, or it can.
-- nth: its place in stk.uncalled(); NULL: it had been called when capture was armed.
CREATE TABLE stk.sequence (seq oid PRIMARY KEY, cache bigint NOT NULL, name text NOT NULL, settled bigint, nth integer);
CREATE FUNCTION stk.uncalled(seq oid) RETURNS bigint ${one};

-- Writes stk.uncalled(): the first values of those that had not been called.
CREATE FUNCTION stk.write_uncalled() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION stk.uncalled() RETURNS bigint[] LANGUAGE plpgsql AS %L',
    'BEGIN RETURN ARRAY(' || (SELECT coalesce(${many}, 'SELECT 0::bigint WHERE false') FROM stk.sequence WHERE nth IS NOT NULL) || '); END');
END $$;

-- All of them, those with a cache first. told: what pg_sequence_last_value says of each; NULL where it is not enough, together
-- with uncalled, to know that none was moved.
CREATE FUNCTION stk.sequences(OUT seqs oid[], OUT lasts bigint[], OUT called boolean[], OUT told bigint[], OUT uncalled bigint[]) LANGUAGE sql AS $$
  SELECT coalesce(array_agg(s.seq), '{}'), coalesce(array_agg(coalesce(s.told, u.firsts[s.nth], stk.uncalled(s.seq))), '{}'),
         coalesce(array_agg(s.told IS NOT NULL), '{}'), CASE WHEN bool_and(s.told IS NOT NULL OR s.nth IS NOT NULL) IS NOT FALSE THEN coalesce(array_agg(s.told), '{}') END,
         (SELECT stk.uncalled())
  FROM (SELECT seq, nth, pg_sequence_last_value(seq) AS told FROM stk.sequence ORDER BY cache > 1 DESC, seq OFFSET 0) s,
    (SELECT stk.uncalled() AS firsts OFFSET 0) u
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

-- Back to a mark. now: what pg_sequence_last_value says of each. unmoved: the uncalled ones that it tells nothing of are as they
-- were. Those with a cache are met before anything is set.
CREATE FUNCTION stk.undo_sequences(mark integer, now bigint[], unmoved boolean) RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
  RETURN (
    SELECT array_agg(u.seq::regclass::text)
    FROM stk.marks m, unnest(m.seqs, m.lasts, m.called, now) WITH ORDINALITY AS u(seq, last, called, told, at)
    WHERE m.id = mark AND ${setBack});
END $$;

-- The same for those that may have moved without a transaction id, where no such id was used since all were as at the mark.
CREATE FUNCTION stk.undo_restless(mark integer) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  unmoved boolean := false;
BEGIN
  RETURN (
    SELECT array_agg(u.seq::regclass::text)
    FROM stk.marks m, LATERAL (
      SELECT m.seqs[at], m.lasts[at], m.called[at], pg_sequence_last_value(m.seqs[at]), at FROM unnest(m.restless) AS at) AS u(seq, last, called, told, at)
    WHERE m.id = mark AND ${setBack});
END $$;

CREATE FUNCTION stk.refuse_cached(seq oid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM stk.give_up('sequence-cache', format('%s has CACHE %s: sessions hold values that cannot be taken back',
    seq::regclass, (SELECT s.cache FROM stk.sequence s WHERE s.seq = refuse_cached.seq)));
END $$;
`;
}

// One CASE: the planner may evaluate conditions in another order.
const setBack = `CASE
      WHEN u.called AND u.told = u.last OR NOT u.called AND u.told IS NULL AND (unmoved OR stk.uncalled(u.seq) = u.last) THEN false
      WHEN u.at <= m.cached THEN stk.refuse_cached(u.seq)
      ELSE setval(u.seq::regclass, u.last, u.called) IS NOT NULL END`;

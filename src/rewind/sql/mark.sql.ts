// Marks, as they lie in the clone: a transaction snapshot, and what no trigger can see: sequences and large objects.
import { databaseState } from './database-state.ts';

/** @param control true in our own sessions: an expression */
export function markSql(control: string, eventTriggers: boolean): string {
  return `
-- Unlogged, as what is captured: a crash of the server that loses the one loses the other.
CREATE UNLOGGED TABLE playwright_stacks.marks (
  id integer PRIMARY KEY, home oid NOT NULL, snap pg_snapshot NOT NULL, -- home: this table; of one that was restored from a dump another one
  seqs oid[] NOT NULL, lasts bigint[] NOT NULL, called boolean[] NOT NULL, reported bigint[], never_called bigint[] NOT NULL,
  cached integer NOT NULL, prelogged boolean, -- playwright_stacks.sequences()
  objects bigint NOT NULL, catalog text, state text[] NOT NULL); -- state: src/rewind/sql/database-state.ts

-- What was captured before a mark, so that going back to that mark need not look at it: a prelude may be large.
CREATE UNLOGGED TABLE playwright_stacks.kept (before integer NOT NULL, x xid8 NOT NULL, rel oid NOT NULL, op "char" NOT NULL, img text NOT NULL);
ALTER TABLE playwright_stacks.kept ALTER img SET STORAGE EXTERNAL;
CREATE INDEX ON playwright_stacks.kept (before);

-- NULL: the schema was changed since capture was armed; playwright_stacks.arm_again() comes first, in a transaction of its own.
CREATE FUNCTION playwright_stacks.mark() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  made integer; now pg_snapshot;
BEGIN
  PERFORM playwright_stacks.lock();
  IF EXISTS (SELECT FROM playwright_stacks.info i, playwright_stacks.broken b WHERE i.event_triggers AND b.reason = 'ddl' AND NOT coalesce(pg_visible_in_snapshot(b.x, i.armed), false))
     OR EXISTS (SELECT FROM playwright_stacks.info WHERE CASE WHEN event_triggers THEN newest_table IS DISTINCT FROM playwright_stacks.newest_table()
       ELSE catalog IS DISTINCT FROM playwright_stacks.catalog_now() END) THEN
    RETURN NULL;
  END IF;
  WITH i AS (UPDATE playwright_stacks.info SET last_mark = last_mark + 1 RETURNING last_mark, catalog)
  INSERT INTO playwright_stacks.marks
    SELECT i.last_mark, 'playwright_stacks.marks'::regclass, pg_current_snapshot(), s.*,
           (SELECT count(*) FROM pg_largeobject_metadata), i.catalog, ${databaseState(eventTriggers)}
    FROM i, playwright_stacks.sequences() s
    RETURNING playwright_stacks.marks.id, playwright_stacks.marks.snap INTO made, now;
  IF made IS NULL THEN PERFORM playwright_stacks.give_up('capture', 'the tables of the schema playwright_stacks were emptied'); END IF;
  WITH moved AS (DELETE FROM playwright_stacks.log WHERE pg_visible_in_snapshot(x, now) RETURNING x, rel, op, img)
  INSERT INTO playwright_stacks.kept SELECT made, moved.* FROM moved;
  RETURN made;
END $$;

-- Arming repairs triggers that were off or dropped, and with them the evidence that rows were written meanwhile. Event triggers
-- have left a line about it; else this does: for every mark before it the database is broken.
CREATE FUNCTION playwright_stacks.arm_again() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM playwright_stacks.lock();
  INSERT INTO playwright_stacks.broken SELECT pg_current_xact_id(), 'ddl', NULL, 'the schema was changed' FROM playwright_stacks.info
    WHERE NOT event_triggers OR newest_table IS DISTINCT FROM playwright_stacks.newest_table();
  PERFORM playwright_stacks.arm();
END $$;

-- What a superuser does while event triggers are off, or to the catalog itself, is looked for where there is time: when a lease
-- begins.
CREATE FUNCTION playwright_stacks.look_for_unseen_ddl() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM playwright_stacks.lock();
  INSERT INTO playwright_stacks.broken
    SELECT pg_current_xact_id(), 'ddl', NULL, 'the schema was changed, and event triggers did not see it' FROM playwright_stacks.info i
    WHERE i.event_triggers AND i.catalog IS DISTINCT FROM playwright_stacks.catalog_now()
      AND NOT EXISTS (SELECT FROM playwright_stacks.broken b WHERE b.reason = 'ddl' AND NOT coalesce(pg_visible_in_snapshot(b.x, i.armed), false));
END $$;

-- One at a time, and only a control connection, whose settings make the functions here exact and fast.
CREATE FUNCTION playwright_stacks.lock() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- An expression costs less than a statement, and one less than two.
  IF NOT ((${control}) IS TRUE AND pg_advisory_xact_lock(7565931, 1) IS NOT NULL) THEN
    RAISE EXCEPTION 'not a control connection' USING ERRCODE = 'SK003';
  END IF;
END $$;
`;
}

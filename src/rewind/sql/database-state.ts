// What belongs to a database and lies outside of it, or is no row of a table and fires no event trigger: a few values, compared
// at every rewind.

interface Part {
  readonly value: string;
  /** What is said when it is not what it was. */
  readonly changed: string;
}

const DATABASE = `current_setting('playwright_stacks.database')::oid`;
const OURS = `evtname IN ('stk_on_ddl', 'stk_on_drop') AND evtenabled = 'A'`;

function parts(eventTriggers: boolean): readonly Part[] {
  return [
    {
      // NULL where ours are needed and do not fire.
      value: `(SELECT CASE WHEN ${eventTriggers ? `count(*) FILTER (WHERE ${OURS}) = 2` : 'true'}
        THEN concat(string_agg(concat_ws(' ', oid, xmin, evtenabled), ',' ORDER BY oid)) END FROM pg_event_trigger)`,
      changed: 'event triggers were made, changed or dropped',
    },
    {
      value: `(SELECT concat_ws(' ', datdba, datallowconn, datistemplate, datconnlimit, datacl) FROM pg_database WHERE oid = ${DATABASE})`,
      changed: 'the owner, the privileges or the connections of the database were changed',
    },
    {
      value: `(SELECT string_agg(concat_ws(' ', setrole, setconfig), ',' ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = ${DATABASE})`,
      changed: 'settings of the database, or of a role in it, were changed',
    },
    {
      value: `CASE WHEN current_setting('wal_level') = 'logical'
        THEN (SELECT string_agg(slot_name, ',' ORDER BY slot_name) FROM pg_get_replication_slots() WHERE datoid = ${DATABASE}) END`,
      changed: 'a logical replication slot was made or dropped',
    },
    {
      value: `(SELECT string_agg(subname, ',' ORDER BY subname) FROM pg_subscription WHERE subdbid = ${DATABASE})`,
      changed: 'a subscription was made or dropped',
    },
    {
      // EXPLAIN ANALYZE of CREATE TABLE AS makes one, and fires no event trigger.
      value: eventTriggers ? 'playwright_stacks.newest_table()' : 'NULL',
      changed: 'a table or materialized view was made, and event triggers did not see it',
    },
    {
      // A command of several transactions that fails half-way fires no event trigger; nor does REINDEX before Postgres 18, by which
      // an index that was not valid comes to be, and its uniqueness to hold.
      value: eventTriggers
        ? `(SELECT string_agg(concat_ws(' ', indexrelid, indisready, indislive), ',' ORDER BY indexrelid) FROM pg_index WHERE NOT indisvalid)`
        : 'NULL',
      changed: 'an index came to be valid, or a command that failed left one that is not',
    },
    {
      // Before Postgres 14 there is no such column, and the name is that of the constant.
      value: eventTriggers
        ? `(SELECT string_agg(p.inhrelid::text, ',' ORDER BY p.inhrelid) FROM (SELECT false AS inhdetachpending) AS none,
        LATERAL (SELECT inhrelid FROM pg_inherits WHERE inhdetachpending) AS p)`
        : 'NULL',
      changed: 'a command that failed left a partition half detached',
    },
    {
      // Of their catalog nothing may be read by who is no superuser.
      value: eventTriggers
        ? 'NULL'
        : `CASE WHEN EXISTS (SELECT FROM pg_foreign_server) THEN (SELECT string_agg(u::text, ',' ORDER BY umid) FROM pg_user_mappings u) END`,
      changed: 'user mappings of foreign servers were changed',
    },
  ];
}

/** An expression: text[]. Its first element is NULL where DDL goes unnoticed. */
export function databaseState(eventTriggers: boolean): string {
  return `ARRAY[${parts(eventTriggers)
    .map(({ value }) => value)
    .join(',\n      ')}]::text[]`;
}

export function databaseStateSql(eventTriggers: boolean): string {
  const reasons = parts(eventTriggers).map(({ changed }) => `'${changed}'`);
  return `
CREATE FUNCTION playwright_stacks.newest_table() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT oid FROM pg_class WHERE relkind IN ('r', 'm') AND relpersistence <> 't' ORDER BY oid DESC LIMIT 1);
END $$;

-- Gives up when the one is not the other.
CREATE FUNCTION playwright_stacks.refuse_state(was text[], now text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF now[1] IS NULL THEN
    PERFORM playwright_stacks.give_up('ddl', 'the event triggers that notice DDL were disabled or dropped');
  END IF;
  FOR part IN 1 .. cardinality(now) LOOP
    IF was[part] IS DISTINCT FROM now[part] THEN
      PERFORM playwright_stacks.give_up('ddl', (ARRAY[${reasons.join(', ')}])[part]);
    END IF;
  END LOOP;
END $$;
`;
}

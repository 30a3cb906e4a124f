// What the application does to the tables of capture, as a helper that empties every table of every schema does: without
// what they held nothing can be undone, so the marks go with it.

/** After the tables of capture and of marks. */
export const wipeSql: string = `
CREATE FUNCTION playwright_stacks.on_wipe() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM playwright_stacks.marks;
  RETURN NULL;
END $$;
${['log', 'broken', 'kept'].map(triggers).join('\n')}
`;

// Not for our own sessions. The first costs a rewind nothing where it is in replica role.
function triggers(table: string): string {
  const rest = `FOR EACH STATEMENT WHEN (current_setting('playwright_stacks.control', true) IS NULL) EXECUTE FUNCTION playwright_stacks.on_wipe()`;
  return `CREATE TRIGGER deleted AFTER DELETE OR UPDATE ON playwright_stacks.${table} ${rest};
CREATE TRIGGER emptied AFTER TRUNCATE ON playwright_stacks.${table} ${rest};
ALTER TABLE playwright_stacks.${table} ENABLE ALWAYS TRIGGER emptied;`;
}

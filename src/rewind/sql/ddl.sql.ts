// Event triggers that notice DDL: what it did cannot be undone, so the clone counts as broken. Needs a superuser.

/** @param control true in our own sessions: an expression */
export function ddlSql(control: string): string {
  return `
CREATE FUNCTION playwright_stacks.on_ddl() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
BEGIN
  IF ${control} THEN RETURN; END IF;
  -- The objects of DROP are those of sql_drop, but privileges, too, end with DROP OWNED; a rebuilt index changes no result.
  IF tg_tag = 'DROP OWNED' THEN INSERT INTO playwright_stacks.broken VALUES (pg_current_xact_id(), 'ddl', NULL, tg_tag); END IF;
  IF starts_with(tg_tag, 'DROP ') OR tg_tag = 'REINDEX' THEN RETURN; END IF;
  BEGIN
    INSERT INTO playwright_stacks.broken
      SELECT pg_current_xact_id(), 'ddl', CASE WHEN c.classid = 'pg_class'::regclass THEN c.objid END,
             concat_ws(' ', c.command_tag, c.object_identity)
      FROM pg_event_trigger_ddl_commands() c
      WHERE c.schema_name IS DISTINCT FROM 'pg_temp'
        AND coalesce(strpos(c.object_identity, ' on pg_temp'), 0) = 0;
  EXCEPTION
    WHEN serialization_failure OR deadlock_detected THEN RAISE;
    WHEN OTHERS THEN INSERT INTO playwright_stacks.broken VALUES (pg_current_xact_id(), 'ddl', NULL, tg_tag);
  END;
END $$;

CREATE FUNCTION playwright_stacks.on_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
BEGIN
  IF ${control} THEN RETURN; END IF;
  BEGIN
    INSERT INTO playwright_stacks.broken
      SELECT pg_current_xact_id(), 'ddl', NULL, concat_ws(' ', tg_tag || ':', d.object_type, d.object_identity)
      FROM pg_event_trigger_dropped_objects() d
      WHERE d.original AND NOT d.is_temporary;
  EXCEPTION
    WHEN serialization_failure OR deadlock_detected THEN RAISE;
    WHEN OTHERS THEN INSERT INTO playwright_stacks.broken VALUES (pg_current_xact_id(), 'ddl', NULL, tg_tag);
  END;
END $$;

CREATE EVENT TRIGGER stk_on_ddl ON ddl_command_end EXECUTE FUNCTION playwright_stacks.on_ddl();
CREATE EVENT TRIGGER stk_on_drop ON sql_drop EXECUTE FUNCTION playwright_stacks.on_drop();
ALTER EVENT TRIGGER stk_on_ddl ENABLE ALWAYS;
ALTER EVENT TRIGGER stk_on_drop ENABLE ALWAYS;
`;
}

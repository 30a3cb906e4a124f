// The code of other roles in their own tables: constraints, generated columns, expressions of indexes and types are evaluated
// with the rights of whoever writes a row, and a rewind writes rows of every table. Where a server has roles that are not to
// get our rights, theirs are written back only if all that is evaluated is Postgres' own and depends on nothing else.

/** @param shared false: all roles of the server are trusted */
export function othersCodeSql(shared: boolean): string {
  return `
CREATE FUNCTION playwright_stacks.is_of_others(rel oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT ${shared} AND EXISTS (SELECT FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE c.oid = rel AND NOT r.rolsuper AND r.rolname <> current_user);
$$;

-- The lock keeps its owner from altering the table in between.
CREATE FUNCTION playwright_stacks.refuse_code_of_others(rel oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  code text;
BEGIN
  IF NOT playwright_stacks.is_of_others(rel) THEN RETURN; END IF;
  EXECUTE format('LOCK TABLE ONLY %s IN ROW EXCLUSIVE MODE', rel::regclass);
  code := playwright_stacks.code_of_others(rel);
  IF code IS NOT NULL THEN
    PERFORM playwright_stacks.give_up('other-role', format('%s is a table of the role %s, and %s with the rights of %s', rel::regclass,
      (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = rel), code, current_user));
  END IF;
END $$;

-- What of a table may be code of its owner's; NULL: nothing.
CREATE FUNCTION playwright_stacks.code_of_others(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT code FROM (
    SELECT format('its type %s would be evaluated', format_type(a.atttypid, NULL)) FROM pg_attribute a
      WHERE a.attrelid = rel AND a.attnum > 0 AND NOT a.attisdropped AND NOT playwright_stacks.is_plain_type(a.atttypid)
    UNION ALL SELECT format('the constraint %I would be evaluated', conname) FROM pg_constraint
      WHERE conrelid = rel AND NOT playwright_stacks.is_plain(conbin::text)
    UNION ALL SELECT format('the column %I would be evaluated', attname) FROM pg_attrdef d JOIN pg_attribute a ON (a.attrelid, a.attnum) = (d.adrelid, d.adnum)
      WHERE d.adrelid = rel AND a.attgenerated <> '' AND NOT playwright_stacks.is_plain(d.adbin::text)
    UNION ALL SELECT format('the index %s would be evaluated', indexrelid::regclass) FROM pg_index
      WHERE indrelid = rel AND NOT playwright_stacks.is_plain(concat(indexprs::text, indpred::text))
    UNION ALL SELECT format('the partition key of %s would be evaluated', partrelid::regclass) FROM pg_partitioned_table
      WHERE partrelid IN (SELECT relid FROM pg_partition_ancestors(rel)) AND NOT playwright_stacks.is_plain(partexprs::text)
    UNION ALL SELECT format('the trigger %I would fire', tgname) FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid
      WHERE tgrelid = rel AND tgenabled IN ('A', 'R') AND p.pronamespace <> 'playwright_stacks'::regnamespace
    UNION ALL SELECT format('the rule %I would fire', rulename) FROM pg_rewrite WHERE ev_class = rel AND ev_enabled IN ('A', 'R')
  ) AS each(code) LIMIT 1;
$$;

-- A type that only superusers can make, or whose input is Postgres' own.
CREATE FUNCTION playwright_stacks.is_plain_type(type oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(bool_and(e.oid < 16384 OR e.typtype = 'e' OR e.typtype = 'b' AND e.typelem = 0), false)
  FROM pg_type t JOIN pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
  WHERE t.oid = type;
$$;

-- An expression, as Postgres stores it, of these kinds only; its functions depend on their arguments alone (query_to_xml runs SQL), and
-- are written in C, which only superusers may do, or came with Postgres.
CREATE FUNCTION playwright_stacks.is_plain(tree text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT FROM regexp_matches(tree, '\\{([^ }]*)', 'g') AS kind WHERE kind[1] NOT IN (${KINDS}))
    AND NOT EXISTS (SELECT FROM regexp_matches(tree, ':resulttype ([0-9]+)', 'g') AS type WHERE NOT playwright_stacks.is_plain_type(type[1]::oid))
    AND NOT EXISTS (
      SELECT FROM (
        SELECT f[1]::oid FROM regexp_matches(tree, ':funcid ([0-9]+)', 'g') AS f
        UNION ALL SELECT o.oprcode FROM regexp_matches(tree, ':opno ([0-9]+)', 'g') AS n LEFT JOIN pg_operator o ON o.oid = n[1]::oid
      ) AS called(oid) LEFT JOIN pg_proc p ON p.oid = called.oid LEFT JOIN pg_language l ON l.oid = p.prolang
      WHERE (p.provolatile = 'i' AND (p.oid < 16384 OR l.lanname IN ('c', 'internal'))) IS NOT TRUE);
$$;
`;
}

// By the names of Postgres 13 to 15, and of later ones.
const NODES =
  'VAR CONST OPEXPR FUNCEXPR BOOLEXPR NULLTEST BOOLEANTEST SCALARARRAYOPEXPR ARRAY ARRAYEXPR RELABELTYPE COERCEVIAIO ARRAYCOERCEEXPR COLLATEEXPR ' +
  'CASE CASEEXPR WHEN CASEWHEN CASETESTEXPR COALESCE COALESCEEXPR MINMAX MINMAXEXPR NULLIFEXPR DISTINCTEXPR SUBSCRIPTINGREF';
const KINDS = `'${NODES.replaceAll(' ', "', '")}'`;

// Rewind broken on purpose, by altering the SQL that is installed in the database: a fuzzer that does not find these in a
// minute is none.
import type pg from 'pg';
import type { Alter, Rewinder } from './test-bed.ts';

export interface Mutant {
  readonly name: string;
  readonly rewinder: Rewinder;
  readonly alter: Alter;
}

/** `from` must be found in the definition of a function of that name. */
interface Edit {
  readonly functions: RegExp;
  readonly from: RegExp;
  readonly to: string;
  /** That function is there only where event triggers notice DDL: half of the generated schemas do without. */
  readonly with?: 'event triggers';
}

const SINCE_THE_MARK = /NOT pg_visible_in_snapshot\(((?:\w\.)?x), ((?:m\.)?snap)\)/g;

export const MUTANTS: readonly Mutant[] = [
  mutant('order instead of net', {
    functions: /^rewind$/,
    from: /sum\((CASE op WHEN 'N' THEN 1 ELSE -1 END)\)/,
    to: '(array_agg($1))[1]',
  }),
  mutant('missing cascade', {
    functions: /^capture_(insert|update|delete|row)_/,
    from: /BEGIN/,
    to: '$& IF pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.>) 1 THEN RETURN NULL; END IF;',
  }),
  mutant('sequence forgotten', { functions: /^undo_sequences$/, from: /ELSE setval\(.*\) IS NOT NULL END/, to: 'END' }),
  mutant('a sequence drawn from without a transaction id', {
    functions: /^sequences$/,
    from: /coalesce\(bool_or\(s\.reported IS NOT NULL\), false\)/,
    to: 'false',
  }),
  mutant("a column's type mangled", {
    functions: /^write_undo$/,
    from: /format\('\(n\.r\)\.%I', attname\)/,
    to: `format(CASE WHEN atttypid = 'numeric'::regtype THEN 'pg_catalog.trim_scale((n.r).%I)' ELSE '(n.r).%I' END, attname)`,
  }),
  // The mark's own transaction is the first that its snapshot does not see.
  mutant('window off by one transaction', {
    functions: /^(rewind|images)$/,
    from: SINCE_THE_MARK,
    to: '($1::text::numeric > pg_snapshot_xmax($2)::text::numeric + 1)',
  }),
  mutant('a table without a key', { functions: /^write_undo$/, from: / AND d\.nth <= d\.wanted/, to: '' }),
  mutant('a late writer ignored', {
    functions: /^(rewind|images)$/,
    from: SINCE_THE_MARK,
    to: '($1 >= pg_snapshot_xmax($2))',
  }),
  mutant('DDL unseen', { functions: /^on_ddl$/, from: /BEGIN/, to: 'BEGIN RETURN;', with: 'event triggers' }),
  mutant('TRUNCATE unseen', { functions: /^capture_truncate$/, from: /BEGIN/, to: '$& RETURN NULL;' }),
  mutant('identity ALWAYS forgotten', { functions: /^write_undo$/, from: /OVERRIDING SYSTEM VALUE/, to: '' }),
  mutant('partitions and heirs unseen', { functions: /^capture_row_/, from: /BEGIN/, to: '$& RETURN NULL;' }),
  mutant("the session's settings unheeded", {
    functions: /^capture_(insert|update|delete|row)_(timed|styled)$/,
    from: /IS NULL\s+AND [^;]*? THEN/,
    to: 'IS NULL THEN',
  }),
  mutant('a mark keeps its rows', {
    functions: /^mark$/,
    from: /DELETE FROM playwright_stacks\.log WHERE pg_visible_in_snapshot\(x, now\) RETURNING x, rel, op, img/,
    to: 'SELECT x, rel, op, img FROM playwright_stacks.log WHERE pg_visible_in_snapshot(x, now)',
  }),
  mutant('a setting is not pinned', { functions: /^image$/, from: /SET "DateStyle" TO 'ISO, MDY'/, to: '' }),
  mutant('extra_float_digits is not pinned', {
    functions: /^(image|capture_truncate)$/,
    from: /SET extra_float_digits TO '1'/,
    to: '',
  }),
  // Each of the two alone is made good by the other.
  owners(
    'actions of foreign keys let loose: rows not updated, what they write not counted',
    { functions: /^pair$/, from: /pairing IS NULL OR/, to: 'true OR' },
    {
      functions: /^undo_together$/,
      from: /IF playwright_stacks\.tuples\(\)/,
      to: 'IF false AND playwright_stacks.tuples()',
    },
  ),
  owners('DDL unseen, without event triggers', { functions: /^catalog_now$/, from: /IF seen IS NULL/, to: 'IF false' }),
  // Here, too, each of the two is made good by the other.
  owners(
    'a re-arm forgets',
    { functions: /^arm_again$/, from: /INSERT INTO playwright_stacks\.broken[^;]*;/, to: '' },
    { functions: /^write_digest$/, from: /'CASE WHEN starts_with\(tgname, ''~stk_''\) THEN xmin END'/, to: 'NULL' },
  ),
  owners('the digest is blind to a column', {
    functions: /^write_digest$/,
    from: /'\{relfilenode/,
    to: "'{relrowsecurity,relacl,relfilenode",
  }),
  owners("the application's triggers left silent", {
    functions: /^silence$/,
    from: /back := back/,
    to: 'back := back; PERFORM back',
  }),
];

function mutant(name: string, edit: Edit): Mutant {
  return { name, rewinder: 'superuser', alter: (client) => alter(client, edit) };
}

/** Of the undo without a privilege. */
function owners(name: string, ...edits: readonly Edit[]): Mutant {
  const all = async (client: pg.Client) => {
    for (const edit of edits) await alter(client, edit);
  };
  return { name, rewinder: 'owner', alter: all };
}

async function alter(client: pg.Client, { functions, from, to, with: needs }: Edit): Promise<void> {
  if (needs && !(await hasEventTriggers(client))) return;
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT proname AS name, pg_get_functiondef(oid) AS definition FROM pg_proc WHERE pronamespace = 'playwright_stacks'::regnamespace`,
  );
  let edits = 0;
  for (const { name, definition } of rows) {
    if (!functions.test(name)) continue;
    const altered = definition.replace(from, to);
    if (altered === definition) continue;
    await client.query(altered);
    edits++;
  }
  if (edits === 0) throw new Error(`nothing in ${functions} matches ${from}: the mutant must follow the code`);
  await client.query('SELECT playwright_stacks.write_digest(); UPDATE playwright_stacks.look SET n = NULL');
  await client.query('SELECT playwright_stacks.arm()'); // Writes the functions that undo anew.
}

async function hasEventTriggers(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query('SELECT FROM playwright_stacks.info WHERE event_triggers');
  return rows.length === 1;
}

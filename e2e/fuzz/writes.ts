// Statements that write rows, by name; each is made from a table and random.
import { literal } from './names.ts';
import { integerColumn, type Statement, someRows, valueSql, type WriteContext, writable } from './statement.ts';

export type Make = (context: WriteContext) => Statement;

const returning = ({ random }: WriteContext): string => (random.once(4) ? ' RETURNING *' : '');

function insert(context: WriteContext, tail: string): string {
  const { table, random } = context;
  // Without the key's defaults now and then, and not always every column.
  const columns = writable(table).filter(({ always }) => !always && !random.once(4));
  if (columns.length === 0) return `INSERT INTO ${table.name} DEFAULT VALUES${tail}`;
  const rows = Array.from({ length: 1 + random.below(3) }, () =>
    columns.map((column) => valueSql(column, context)).join(', '),
  );
  return `INSERT INTO ${table.name} (${columns.map(({ name }) => name).join(', ')}) VALUES (${rows.join('), (')})${tail}`;
}

function set(context: WriteContext): string {
  const { table, random } = context;
  const columns = writable(table).filter(({ always }) => !always);
  if (columns.length === 0) return 'v = 1';
  const first = random.pick(columns);
  const second = random.pick(columns);
  const integer = integerColumn(table, random);
  if (integer && random.once(3)) return `${integer} = ${integer} + ${random.pick([1, 100, -1, 0])}`;
  const one = `${first.name} = ${valueSql(first, context)}`;
  return second === first || random.once(2) ? one : `${one}, ${second.name} = ${valueSql(second, context)}`;
}

/** Rows of a table by their text: the same ones wherever they lie. */
function someOf({ table, random }: WriteContext): string {
  return `${table.name} AS z WHERE z.ctid IN (SELECT y.ctid FROM ${table.name} y ORDER BY y::text COLLATE "C" LIMIT ${1 + random.below(3)})`;
}

export const WRITES: Readonly<Record<string, Make>> = {
  insert: (context) => ({ text: insert(context, returning(context)) }),
  update: (context) => ({
    text: `UPDATE ${context.table.name} SET ${set(context)} WHERE ${someRows(context)}${returning(context)}`,
  }),
  delete: (context) => ({ text: `DELETE FROM ${context.table.name} WHERE ${someRows(context)}${returning(context)}` }),
  'delete one of a kind': (context) => ({
    text:
      context.table.kind === 'table'
        ? `DELETE FROM ONLY ${someOf(context)}`
        : `DELETE FROM ${context.table.name} WHERE ${someRows(context)}`,
  }),
  'insert again': (context) => {
    const columns = writable(context.table).filter(({ name }) => !context.table.key.includes(name));
    const list = columns.map(({ name }) => name).join(', ');
    if (list === '') return { text: `INSERT INTO ${context.table.name} DEFAULT VALUES` };
    return {
      text: `INSERT INTO ${context.table.name} (${list}) OVERRIDING USER VALUE SELECT ${list} FROM ${context.table.name} WHERE ${someRows(context)}`,
    };
  },
  'insert or': (context) => {
    const target = context.table.key.length > 0 ? ` (${context.table.key.join(', ')})` : '';
    const act = target !== '' && !context.random.once(3) ? `DO UPDATE SET ${set(context)}` : 'DO NOTHING';
    return { text: insert(context, ` ON CONFLICT${act === 'DO NOTHING' ? '' : target} ${act}${returning(context)}`) };
  },
  'there and back': (context) => {
    const column = integerColumn(context.table, context.random);
    if (!column) return { text: insert(context, '') };
    const rows = someRows(context);
    return {
      text: `WITH u AS (UPDATE ${context.table.name} SET ${column} = ${column} WHERE ${rows} RETURNING *) SELECT count(*) FROM u`,
    };
  },
  'with several': (context) => {
    const { table } = context;
    const moved = table.columns.filter(({ generated, always }) => !generated && !always).map(({ name }) => name);
    const key = integerColumn(table, context.random);
    if (!key) return { text: `DELETE FROM ${table.name}` };
    const list = moved.join(', ');
    const taken = moved.map((name) => (name === key ? `${name} + 700` : name)).join(', ');
    return {
      text: `WITH d AS (DELETE FROM ${table.name} WHERE ${someRows(context)} RETURNING *), i AS (INSERT INTO ${table.name} (${list}) SELECT ${taken} FROM d RETURNING *) SELECT count(*) FROM i`,
    };
  },
  merge: (context) => {
    const { table } = context;
    const columns = writable(table).filter(({ always }) => !always);
    const id = integerColumn(table, context.random);
    if (context.model.major < 15 || !id || columns.length === 0 || table.kind === 'view')
      return { text: insert(context, '') };
    const values = columns.map((column) => (column.name === id ? 's.n' : valueSql(column, context)));
    return {
      text: `MERGE INTO ${table.name} AS z USING generate_series(${context.random.below(5)}, ${4 + context.random.below(6)}) AS s(n) ON z.${id} = s.n
        WHEN MATCHED AND s.n % 3 = ${context.random.below(3)} THEN DELETE WHEN MATCHED THEN UPDATE SET ${set(context)}
        WHEN NOT MATCHED THEN INSERT (${columns.map(({ name }) => name).join(', ')}) VALUES (${values.join(', ')})`,
    };
  },
  copy: (context) => {
    const column = integerColumn(context.table, context.random);
    const list = column ? ` (${column})` : '';
    const rows = Array.from({ length: 1 + context.random.below(4) }, () =>
      context.random.pick([1, 2, 3, 60, 77, 800]),
    ).join('\\n');
    return { text: `COPY ${context.table.name}${list} FROM PROGRAM ${literal(`printf '${rows}\\n'`)}` };
  },
  many: (context) => {
    const column = integerColumn(context.table, context.random);
    if (!column) return { text: insert(context, '') };
    const overriding = context.table.columns.some(({ always }) => always) ? 'OVERRIDING SYSTEM VALUE ' : '';
    return {
      text: `INSERT INTO ${context.table.name} (${column}) ${overriding}SELECT g FROM generate_series(1000, ${1000 + context.random.pick([10, 300, 1500])}) g`,
    };
  },
  'loop of subtransactions': (context) => {
    const one = insert(context, '');
    const two = `UPDATE ${context.table.name} SET ${set(context)} WHERE ${someRows(context)}`;
    return {
      text: `DO $do$ BEGIN FOR i IN 1..4 LOOP BEGIN ${one}; IF i % 2 = 0 THEN RAISE division_by_zero; END IF; EXCEPTION WHEN OTHERS THEN ${two}; END; END LOOP; END $do$`,
    };
  },
  'large row': (context) => {
    const texts = writable(context.table).filter(({ base, refers }) => base === 'text' && !refers);
    if (texts.length === 0) return { text: insert(context, '') };
    const { name } = context.random.pick(texts);
    const value = context.random.pick([
      `repeat('a"b', 60000)`,
      `(SELECT string_agg(md5(g::text), '') FROM generate_series(1, 600) g)`,
      `${name} || 'x'`,
    ]);
    return { text: `UPDATE ${context.table.name} SET ${name} = ${value} WHERE ${someRows(context)}` };
  },
  'update all': (context) => ({ text: `UPDATE ${context.table.name} SET ${set(context)}` }),
  'move keys': (context) => {
    const column = integerColumn(context.table, context.random);
    if (!column) return { text: insert(context, '') };
    return { text: `UPDATE ${context.table.name} SET ${column} = ${column} + ${context.random.pick([100, 1000])}` };
  },
  'delete all': ({ table }) => ({ text: `DELETE FROM ${table.name}` }),
  truncate: ({ table, random }) => ({
    text: `TRUNCATE ${random.once(4) && table.kind === 'table' ? 'ONLY ' : ''}${table.name}${random.once(2) ? ' RESTART IDENTITY' : ''}${random.once(2) ? ' CASCADE' : ''}`,
  }),
  'two in one message': (context) => ({
    text: `${insert(context, '')}; UPDATE ${context.table.name} SET ${set(context)}`,
  }),
  function: (context) => {
    const { functions } = context.model;
    return { text: functions.length > 0 ? `SELECT ${context.random.pick(functions)}()` : insert(context, '') };
  },
};

// Statements that write rows, by name; each is made from a table and dice.
import { literal } from './names.ts';
import { integerColumn, type Place, type Statement, someRows, valueSql, writable } from './statement.ts';

export type Make = (place: Place) => Statement;

const returning = ({ dice }: Place): string => (dice.once(4) ? ' RETURNING *' : '');

function insert(place: Place, tail: string): string {
  const { table, dice } = place;
  // Without the key's defaults now and then, and not always every column.
  const columns = writable(table).filter(({ always }) => !always && !dice.once(4));
  if (columns.length === 0) return `INSERT INTO ${table.name} DEFAULT VALUES${tail}`;
  const rows = Array.from({ length: 1 + dice.below(3) }, () =>
    columns.map((column) => valueSql(column, place)).join(', '),
  );
  return `INSERT INTO ${table.name} (${columns.map(({ name }) => name).join(', ')}) VALUES (${rows.join('), (')})${tail}`;
}

function set(place: Place): string {
  const { table, dice } = place;
  const columns = writable(table).filter(({ always }) => !always);
  if (columns.length === 0) return 'v = 1';
  const first = dice.pick(columns);
  const second = dice.pick(columns);
  const integer = integerColumn(table, dice);
  if (integer && dice.once(3)) return `${integer} = ${integer} + ${dice.pick([1, 100, -1, 0])}`;
  const one = `${first.name} = ${valueSql(first, place)}`;
  return second === first || dice.once(2) ? one : `${one}, ${second.name} = ${valueSql(second, place)}`;
}

/** Rows of a table by their text: the same ones wherever they lie. */
function someOf({ table, dice }: Place): string {
  return `${table.name} AS z WHERE z.ctid IN (SELECT y.ctid FROM ${table.name} y ORDER BY y::text COLLATE "C" LIMIT ${1 + dice.below(3)})`;
}

export const WRITES: Readonly<Record<string, Make>> = {
  insert: (place) => ({ text: insert(place, returning(place)) }),
  update: (place) => ({
    text: `UPDATE ${place.table.name} SET ${set(place)} WHERE ${someRows(place)}${returning(place)}`,
  }),
  delete: (place) => ({ text: `DELETE FROM ${place.table.name} WHERE ${someRows(place)}${returning(place)}` }),
  'delete one of a kind': (place) => ({
    text:
      place.table.kind === 'table'
        ? `DELETE FROM ONLY ${someOf(place)}`
        : `DELETE FROM ${place.table.name} WHERE ${someRows(place)}`,
  }),
  'insert again': (place) => {
    const columns = writable(place.table).filter(({ name }) => !place.table.key.includes(name));
    const list = columns.map(({ name }) => name).join(', ');
    if (list === '') return { text: `INSERT INTO ${place.table.name} DEFAULT VALUES` };
    return {
      text: `INSERT INTO ${place.table.name} (${list}) OVERRIDING USER VALUE SELECT ${list} FROM ${place.table.name} WHERE ${someRows(place)}`,
    };
  },
  'insert or': (place) => {
    const target = place.table.key.length > 0 ? ` (${place.table.key.join(', ')})` : '';
    const act = target !== '' && !place.dice.once(3) ? `DO UPDATE SET ${set(place)}` : 'DO NOTHING';
    return { text: insert(place, ` ON CONFLICT${act === 'DO NOTHING' ? '' : target} ${act}${returning(place)}`) };
  },
  'there and back': (place) => {
    const column = integerColumn(place.table, place.dice);
    if (!column) return { text: insert(place, '') };
    const rows = someRows(place);
    return {
      text: `WITH u AS (UPDATE ${place.table.name} SET ${column} = ${column} WHERE ${rows} RETURNING *) SELECT count(*) FROM u`,
    };
  },
  'with several': (place) => {
    const { table } = place;
    const moved = table.columns.filter(({ generated, always }) => !generated && !always).map(({ name }) => name);
    const key = integerColumn(table, place.dice);
    if (!key) return { text: `DELETE FROM ${table.name}` };
    const list = moved.join(', ');
    const taken = moved.map((name) => (name === key ? `${name} + 700` : name)).join(', ');
    return {
      text: `WITH d AS (DELETE FROM ${table.name} WHERE ${someRows(place)} RETURNING *), i AS (INSERT INTO ${table.name} (${list}) SELECT ${taken} FROM d RETURNING *) SELECT count(*) FROM i`,
    };
  },
  merge: (place) => {
    const { table } = place;
    const columns = writable(table).filter(({ always }) => !always);
    const id = integerColumn(table, place.dice);
    if (place.model.major < 15 || !id || columns.length === 0 || table.kind === 'view')
      return { text: insert(place, '') };
    const values = columns.map((column) => (column.name === id ? 's.n' : valueSql(column, place)));
    return {
      text: `MERGE INTO ${table.name} AS z USING generate_series(${place.dice.below(5)}, ${4 + place.dice.below(6)}) AS s(n) ON z.${id} = s.n
        WHEN MATCHED AND s.n % 3 = ${place.dice.below(3)} THEN DELETE WHEN MATCHED THEN UPDATE SET ${set(place)}
        WHEN NOT MATCHED THEN INSERT (${columns.map(({ name }) => name).join(', ')}) VALUES (${values.join(', ')})`,
    };
  },
  copy: (place) => {
    const column = integerColumn(place.table, place.dice);
    const list = column ? ` (${column})` : '';
    const rows = Array.from({ length: 1 + place.dice.below(4) }, () => place.dice.pick([1, 2, 3, 60, 77, 800])).join(
      '\\n',
    );
    return { text: `COPY ${place.table.name}${list} FROM PROGRAM ${literal(`printf '${rows}\\n'`)}` };
  },
  many: (place) => {
    const column = integerColumn(place.table, place.dice);
    if (!column) return { text: insert(place, '') };
    const overriding = place.table.columns.some(({ always }) => always) ? 'OVERRIDING SYSTEM VALUE ' : '';
    return {
      text: `INSERT INTO ${place.table.name} (${column}) ${overriding}SELECT g FROM generate_series(1000, ${1000 + place.dice.pick([10, 300, 1500])}) g`,
    };
  },
  'loop of subtransactions': (place) => {
    const one = insert(place, '');
    const two = `UPDATE ${place.table.name} SET ${set(place)} WHERE ${someRows(place)}`;
    return {
      text: `DO $do$ BEGIN FOR i IN 1..4 LOOP BEGIN ${one}; IF i % 2 = 0 THEN RAISE division_by_zero; END IF; EXCEPTION WHEN OTHERS THEN ${two}; END; END LOOP; END $do$`,
    };
  },
  'delete all': ({ table }) => ({ text: `DELETE FROM ${table.name}` }),
  truncate: ({ table, dice }) => ({
    text: `TRUNCATE ${dice.once(4) && table.kind === 'table' ? 'ONLY ' : ''}${table.name}${dice.once(2) ? ' RESTART IDENTITY' : ''}${dice.once(2) ? ' CASCADE' : ''}`,
  }),
  'two in one message': (place) => ({ text: `${insert(place, '')}; UPDATE ${place.table.name} SET ${set(place)}` }),
  function: (place) => {
    const { functions } = place.model;
    return { text: functions.length > 0 ? `SELECT ${place.dice.pick(functions)}()` : insert(place, '') };
  },
};

// The types of columns, with values that are hard to write down and read back; and the extensions and types they need.

/** What every generated schema stands on; made once a server, as a superuser. */
export const BASE_OBJECTS: readonly string[] = [
  'CREATE EXTENSION citext',
  'CREATE EXTENSION hstore',
  'CREATE EXTENSION btree_gist',
  'CREATE ROLE fuzz_app LOGIN',
  'CREATE FOREIGN DATA WRAPPER made_wrapper',
  'GRANT USAGE ON FOREIGN DATA WRAPPER made_wrapper TO fuzz_app',
  'GRANT pg_execute_server_program TO fuzz_app',
  'ALTER DATABASE fuzz_base OWNER TO fuzz_app',
  'ALTER SCHEMA public OWNER TO fuzz_app',
  'SET SESSION AUTHORIZATION fuzz_app',
  `CREATE SCHEMA "we'ird ""s$$%s"`,
  `CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad, "very"')`,
  `CREATE TYPE "we'ird ""s$$%s"."E%s" AS ENUM ('', ' ', '''')`,
  'CREATE TYPE pair AS (a int, b text, c timestamptz)',
  'CREATE TYPE holder AS (rc regclass, m money, p pair, n numeric[])',
  'CREATE DOMAIN pos AS numeric CHECK (value > 0)',
  'CREATE DOMAIN pairs AS pair[]',
  'CREATE DOMAIN short AS varchar(9) NOT NULL DEFAULT $$none$$',
  'CREATE TYPE spell AS RANGE (subtype = text, collation = "C")',
  'CREATE FUNCTION mood_number(mood) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$',
  'CREATE FUNCTION on_event() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$',
  'CREATE SERVER far FOREIGN DATA WRAPPER made_wrapper',
  `CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS ("user" 'one')`,
  'CREATE FUNCTION inner_twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT $1 * 2$$',
  'CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN inner_twice($1); END$$',
];

export interface ColumnType {
  readonly type: string;
  /** As text; each is taken as a literal of the type. */
  readonly values: readonly string[];
  readonly since?: number;
}

const TEXTS = [
  '',
  'a',
  'NULL',
  '(1,2)',
  `it's`,
  '"',
  'back\\slash',
  ' ',
  '{}',
  'two\nlines\t',
  'ünï¢ødé 🐘',
  '$$',
  '%s',
];

export const TYPES: readonly ColumnType[] = [
  { type: 'text', values: TEXTS },
  { type: 'int', values: ['0', '-1', '2147483647'] },
  { type: 'bigint', values: ['9223372036854775807', '-9223372036854775808', '9007199254740993'] },
  {
    type: 'numeric',
    values: ['NaN', '1.0', '1.00', '-0.000', '7.50', '200.000', '1e-400', '1e400', '12345678901234567890.5'],
  },
  { type: 'numeric(10,2)', values: ['0.10', '-99.99', 'NaN'] },
  { type: 'numeric', values: ['Infinity', '-Infinity', '0', '1.0', '12.500'], since: 14 },
  { type: 'float8', values: ['NaN', '-0', '0', 'Infinity', '-Infinity', '1e-310', '0.30000000000000004', '5e-324'] },
  { type: 'float8[]', values: ['{0.30000000000000004,NULL}', '{-1234567.8901234567,1e-310}'] },
  { type: 'float4', values: ['NaN', '-0', '0.1', '1.17549e-38', '16777217'] },
  { type: 'boolean', values: ['t', 'f'] },
  { type: 'bytea', values: ['\\x', '\\x00ff5c27', '\\x5c78'] },
  { type: 'json', values: ['{"b":1,  "a":1e500, "a":2}', '[]', 'null', '"\\u0041"'] },
  { type: 'jsonb', values: ['{"z": 1.10, "a": null}', 'null', '1e500', '{"a": "(\\"x\\")"}'] },
  { type: 'xml', values: ['<a b="c">&amp;</a>', 'text', ''] },
  { type: 'uuid', values: ['12345678-1234-1234-1234-123456789012', '00000000-0000-0000-0000-000000000000'] },
  { type: 'date', values: ['infinity', '-infinity', '2020-02-29', '4713-01-01 BC'] },
  { type: 'timestamp', values: ['infinity', '2020-01-01 10:00:00.123456', '0044-03-15 BC'] },
  { type: 'timestamptz', values: ['-infinity', '2020-03-29 02:30:00+01', '1900-01-01 00:00:00.000001+00'] },
  { type: 'time', values: ['24:00', '00:00:00.000001'] },
  { type: 'timetz', values: ['10:00:00.1-03:30', '24:00+00'] },
  { type: 'interval', values: ['1 year -2 days 03:00:00.5', '-1 mons', '0'] },
  { type: 'char(5)', values: ['ab', '', 'é'] },
  { type: 'varchar(9)', values: ['', ' x ', 'ninechars'] },
  { type: '"char"', values: ['a', '\\001', ''] },
  { type: 'name', values: ['n', ''] },
  { type: 'citext', values: ['AbC', 'abc', 'ß'] },
  { type: 'hstore', values: ['a=>1,"b c"=>NULL', ''] },
  { type: 'int[]', values: ['[2:3]={1,NULL}', '{}', '{{1,2},{3,4}}'] },
  { type: 'text[]', values: ['{a,"b c","",NULL,"NULL"}', '{}', '{"\\"","\\\\"}'] },
  { type: 'mood', values: ['sad', 'ok', 'glad, "very"'] },
  { type: 'mood[]', values: ['{ok,NULL,"glad, \\"very\\""}', '{}'] },
  { type: `"we'ird ""s$$%s"."E%s"`, values: ['', ' ', `'`] },
  { type: 'pair', values: ['(1,"a,""b""",2020-01-01 10:00+05)', '(,,)', '(1,"",)'] },
  { type: 'pairs', values: ['{"(1,x,)","(,,)"}', '{}', '{NULL}'] },
  { type: 'holder', values: ['(pg_class,$1.50,"(1,b,2020-01-01 00:00+00)","{1.10,NaN}")', '(,,,)', '(mood,,,)'] },
  { type: 'pos', values: ['1.50', '1.5', '0.000001'] },
  { type: 'short', values: ['none', ''] },
  { type: 'int4range', values: ['[1,5)', 'empty', '(,)', '[3,3]'] },
  { type: 'tstzrange', values: ['["2020-01-01 00:00+00",)', 'empty', '(,infinity]'] },
  { type: 'spell', values: ['[a,b)', '("",z]', 'empty'] },
  { type: 'int4multirange', values: ['{[1,2),[5,)}', '{}'], since: 14 },
  { type: 'inet', values: ['::1/64', '10.0.0.1/8', '127.0.0.1'] },
  { type: 'macaddr', values: ['08:00:2b:01:02:03'] },
  { type: 'bit(3)', values: ['101', '000'] },
  { type: 'varbit', values: ['1', ''] },
  { type: 'tsvector', values: ['a:1A b', ''] },
  { type: 'point', values: ['(1,2)', '(-0,NaN)', '(1e-310,Infinity)', '(0.30000000000000004,0.1)'] },
  { type: 'path', values: ['((1,2),(3,4))', '[(1,2),(3,4)]', '[(0.30000000000000004,0.7)]'] },
  { type: 'money', values: ['12.5', '-1000'] },
  { type: 'regclass', values: ['pg_class', '0', '999999'] },
  { type: 'regtype', values: ['int4', 'mood', 'numeric[]'] },
  { type: 'oid', values: ['0', '4294967295'] },
  { type: 'pg_lsn', values: ['0/16', 'FFFFFFFF/FFFFFFFF'] },
  { type: 'xid8', values: ['5', '18446744073709551615'] },
];

/** Where those are that have one value in several forms, which `=` does not tell apart: indexes into `TYPES`. */
export const MANY_FORMS: readonly number[] = TYPES.flatMap(({ type }, index) =>
  /^(numeric|float8|json|citext|pos|interval)$/.test(type) ? [index] : [],
);

/** The pool of a type as `format_type` names it; none for types of the application that are not above. */
export function valuesOf(type: string): readonly string[] {
  return TYPES.filter((known) => ALIASES[type] === known.type || known.type === type).flatMap(({ values }) => values);
}

const ALIASES: Readonly<Record<string, string>> = {
  integer: 'int',
  'double precision': 'float8',
  real: 'float4',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
  'character(5)': 'char(5)',
  'character varying(9)': 'varchar(9)',
  'character varying': 'text',
  'integer[]': 'int[]',
  'double precision[]': 'float8[]',
  'bit varying': 'varbit',
};

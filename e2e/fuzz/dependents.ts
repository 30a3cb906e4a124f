// What depends on tables: foreign keys, triggers of every kind, rules, policies, views, further constraints.
import type { TableSpec } from './schema.ts';
import { tableName } from './tables.ts';

interface Site {
  readonly table: string;
  /** Another table, perhaps the same; for foreign keys one that was made before, or later where they are cyclic. */
  readonly other: string;
  readonly nth: string;
  readonly major: number;
}

type MakeDependent = (site: Site) => readonly string[];

export function dependents(spec: TableSpec, nth: number, tables: readonly TableSpec[], major: number): string[] {
  return spec.dependents.flatMap(({ what, on }, index) => {
    const target = tables[on % tables.length] ?? spec;
    const other = tableName(target, on % tables.length);
    const make = DEPENDENTS[what % DEPENDENTS.length];
    return make?.({ table: tableName(spec, nth), other, nth: `${nth}_${index}`, major }) ?? [];
  });
}

const fk =
  (rest: string): MakeDependent =>
  ({ table, other, nth }) => [`ALTER TABLE ${table} ADD ref${nth} int REFERENCES ${other} (id) ${rest}`];

const FOREIGN_KEY_DEPENDENTS: readonly MakeDependent[] = [
  fk('ON DELETE CASCADE ON UPDATE CASCADE'),
  fk('ON DELETE CASCADE ON UPDATE CASCADE'),
  fk('ON DELETE SET NULL ON UPDATE SET NULL'),
  fk('ON DELETE SET DEFAULT DEFERRABLE'),
  fk('DEFERRABLE INITIALLY DEFERRED'),
  fk('DEFAULT 1 ON DELETE RESTRICT'),
  ({ table, other }) => [
    `ALTER TABLE ${table} ADD cyclic int REFERENCES ${other} (id) DEFERRABLE INITIALLY DEFERRED`,
    `ALTER TABLE ${other} ADD cyclic_back int REFERENCES ${table} (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED`,
  ],
];
/** Where they are among all that can hang on a table. */
export const FOREIGN_KEYS: readonly number[] = FOREIGN_KEY_DEPENDENTS.map((_, index) => index);

const trigger =
  (when: string, body: string): MakeDependent =>
  ({ table, nth }) => [
    `CREATE FUNCTION f${nth}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN ${body.replaceAll('{table}', table)} END $f$`,
    `CREATE ${when.replaceAll('{table}', table).replaceAll('{nth}', nth)} EXECUTE FUNCTION f${nth}()`,
  ];

const AGAIN = `IF pg_trigger_depth() < 3 THEN UPDATE {table} SET v = coalesce(v, 0) + 1 WHERE id = new.id AND v < 999; END IF; RETURN NULL;`;
const AUDIT = `INSERT INTO public.audit (op, what) SELECT tg_op, tg_level; RETURN NULL;`;
const COUNT = `INSERT INTO public.audit (op, what) SELECT tg_op, count(*) FROM "~stk~o"; RETURN NULL;`;

const DEPENDENTS: readonly MakeDependent[] = [
  ...FOREIGN_KEY_DEPENDENTS,
  trigger('TRIGGER a{nth} AFTER INSERT OR UPDATE ON {table} FOR EACH ROW', AGAIN),
  trigger('TRIGGER "~~z{nth}" AFTER UPDATE ON {table} FOR EACH ROW', AGAIN),
  trigger('CONSTRAINT TRIGGER c{nth} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW', AGAIN),
  trigger(
    'TRIGGER b{nth} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW',
    `IF new.v = 13 THEN RETURN NULL; END IF; new.v := coalesce(new.v, 0) * 2; RETURN new;`,
  ),
  trigger('TRIGGER d{nth} BEFORE DELETE ON {table} FOR EACH ROW', 'IF old.v = 7 THEN RETURN NULL; END IF; RETURN old;'),
  trigger('TRIGGER s{nth} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT', AUDIT),
  trigger('TRIGGER r{nth} AFTER DELETE ON {table} REFERENCING OLD TABLE AS "~stk~o" FOR EACH STATEMENT', COUNT),
  trigger('TRIGGER w{nth} AFTER UPDATE OF v ON {table} FOR EACH ROW WHEN (old.v IS DISTINCT FROM new.v)', AUDIT),
  ({ table, nth }) => [
    `CREATE RULE also${nth} AS ON UPDATE TO ${table} DO ALSO INSERT INTO public.audit (op) VALUES ('rule')`,
  ],
  ({ table, nth }) => [
    `CREATE RULE instead${nth} AS ON DELETE TO ${table} WHERE old.v = 3 DO INSTEAD INSERT INTO public.audit (op, what) VALUES ('no', old.id)`,
  ],
  ({ table }) => [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY part ON ${table} USING (v IS NULL OR v % 5 <> 4)`,
  ],
  ({ table, nth }) => [`CREATE VIEW auto${nth} AS SELECT id, v FROM ${table} WHERE v < 100`],
  ({ table, nth }) => [
    `CREATE VIEW trig${nth} AS SELECT id, v FROM ${table}`,
    `CREATE FUNCTION f${nth}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO ${table} (v) VALUES (new.v); RETURN new; END $f$`,
    `CREATE TRIGGER io INSTEAD OF INSERT ON trig${nth} FOR EACH ROW EXECUTE FUNCTION f${nth}()`,
  ],
  ({ table, nth }) => [`CREATE MATERIALIZED VIEW mat${nth} AS SELECT count(*), sum(v) FROM ${table}`],
  ({ table, nth }) => [
    `ALTER TABLE ${table} ADD during${nth} int4range`,
    `ALTER TABLE ${table} ADD EXCLUDE USING gist (v WITH =, during${nth} WITH &&) DEFERRABLE`,
  ],
  ({ table }) => [`ALTER TABLE ${table} ADD CHECK (v IS NULL OR twice(v) < 2000000)`],
  ({ table, nth }) => [
    `ALTER TABLE ${table} ADD big${nth} text`,
    `ALTER TABLE ${table} ALTER big${nth} SET STORAGE EXTERNAL`,
    `UPDATE ${table} SET big${nth} = repeat(md5(id::text), 300)`,
  ],
  ({ table, nth }) => [`ALTER TABLE ${table} ADD num${nth} bigint DEFAULT nextval('lone')`],
  ({ table, nth }) => [
    `CREATE FUNCTION f${nth}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN new; END $f$`,
    `CREATE TRIGGER always BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION f${nth}()`,
    `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER always`,
  ],
  ({ table }) => [`CREATE INDEX ON ${table} (twice(v))`, `ALTER TABLE ${table} REPLICA IDENTITY FULL`],
];

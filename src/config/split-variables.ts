// Databases that are named by several variables, one for each part: DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD.
import type { VariableTemplates } from './connection-template.ts';
import type { PostgresTarget } from './postgres-value.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface SplitVariables {
  /** `DB_`. */
  readonly prefix: string;
  readonly target: PostgresTarget;
  readonly templates: VariableTemplates;
}

/** By part, how names go on after their prefix; the first is what is given where none is set. */
const PARTS = {
  host: ['HOST', 'HOSTNAME', 'SERVER'],
  port: ['PORT'],
  database: ['NAME', 'DATABASE', 'DB', 'DB_NAME', 'DBNAME', 'DATABASE_NAME'],
  user: ['USER', 'USERNAME', 'USER_NAME'],
  password: ['PASSWORD', 'PASS'],
} as const;

/** The last word of prefixes that are an SQL database's, and Postgres' unless something beside them says otherwise. */
const KNOWN = /^(.*_)?(DB|DATABASE|SQL|RDS|TYPEORM|SEQUELIZE|POSTGRES|POSTGRESQL|POSTGRESDB|PGSQL|PG)_?$/;
/** Postgres' image takes these from the same `.env`; with a host they are an application's. */
const OF_THE_IMAGE = /^POSTGRES_$/;
const OTHER_KIND = /redis|mysql|maria|mongo|mssql|sqlserver|oracle|clickhouse|cassandra|elastic|smtp|mail|rabbit|ldap/i;
const OTHER_PORTS = ['3306', '33060', '1433', '1521', '27017', '6379'];
const DIALECTS = ['CONNECTION', 'ENGINE', 'DIALECT', 'CLIENT', 'TYPE', 'DRIVER', 'ADAPTER', 'VENDOR'];

/** What `variables` name so. libpq's own are not among them: each process of ours gets those anyway. */
export function splitVariables(variables: Variables): SplitVariables[] {
  const found = new Map<string, SplitVariables>();
  for (const name of Object.keys(variables)) {
    // RDS_DB_NAME may be DB_NAME of RDS_, or NAME of RDS_DB_: what has more parts beside it.
    const readings = prefixesOf(name).flatMap((prefix) => read(prefix, variables));
    const [best] = readings.sort((a, b) => b.set - a.set);
    if (best) found.set(best.prefix, best);
  }
  return [...found.values()];
}

function prefixesOf(name: string): string[] {
  if (name === 'DBNAME') return ['DB'];
  return PARTS.database.filter((part) => name.endsWith(`_${part}`)).map((part) => name.slice(0, -part.length));
}

function read(prefix: string, variables: Variables): (SplitVariables & { readonly set: number })[] {
  const said = (parts: readonly string[]) =>
    parts.filter((part) => variables[prefix + part]).map((part) => prefix + part);
  const found = Object.entries(PARTS).map(([part, spellings]) => ({ part, spellings, names: said(spellings) }));
  const saidFor = (wanted: string) => {
    const name = found.find(({ part }) => part === wanted)?.names[0];
    return name === undefined ? undefined : variables[name];
  };
  const dialect = said(DIALECTS)
    .map((name) => variables[name])
    .join();
  const isPostgres = /postg|pgsql|psql|\bpg\b/i.test(dialect);
  const [host, port, database] = [saidFor('host'), saidFor('port'), saidFor('database')];
  if (database === undefined || OTHER_KIND.test(prefix) || OTHER_PORTS.includes(port ?? '')) return [];
  if (dialect ? !isPostgres : !KNOWN.test(prefix) && port !== '5432') return [];
  if (OF_THE_IMAGE.test(prefix) && host === undefined && port === undefined) return [];
  // A part without a variable may have a default of the application's: it gets the usual one.
  const given = found.flatMap(({ part, spellings, names }) =>
    (names.length > 0 ? names : [prefix + spellings[0]]).map((name) => [name, `{${part}}`] as const),
  );
  const target = { host: host ?? 'localhost', port: Number(port ?? 5432), database };
  const set = found.filter(({ names }) => names.length > 0).length;
  return [{ prefix, target, templates: Object.fromEntries(given), set }];
}

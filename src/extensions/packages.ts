// Which packages bring an extension of Postgres: those of the systems that it is installed from.

/** What comes with Postgres itself: the embedded server has all of them. */
export const CONTRIB: ReadonlySet<string> = new Set(
  `amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance file_fdw fuzzystrmatch
  hstore insert_username intagg intarray isn lo ltree moddatetime pageinspect pg_buffercache pg_freespacemap pg_prewarm
  pg_stat_statements pg_surgery pg_trgm pg_visibility pg_walinspect pgcrypto pgrowlocks pgstattuple postgres_fdw refint
  seg sslinfo tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp xml2`.split(/\s+/),
);

type System = 'apt' | 'dnf' | 'apk' | 'brew' | 'app';

/** `N` is the major version. */
type Packages = Partial<Record<System | 'image', string>>;

const PACKAGES: readonly (readonly [extension: RegExp, of: Packages])[] = [
  [
    /^vector$/,
    {
      ...{ apt: 'postgresql-N-pgvector', dnf: 'pgvector_N', apk: 'postgresql-pgvector', brew: 'pgvector' },
      image: 'pgvector/pgvector:pgN',
    },
  ],
  [
    /^(?:postgis(?:_\w+)?|address_standardizer(?:_data_us)?)$/,
    {
      apt: 'postgresql-N-postgis-3',
      dnf: 'postgis35_N',
      apk: 'postgis',
      brew: 'postgis',
      image: 'postgis/postgis:N-3.5',
    },
  ],
  [
    /^pgrouting$/,
    { apt: 'postgresql-N-pgrouting', dnf: 'pgrouting_N', brew: 'pgrouting', image: 'pgrouting/pgrouting' },
  ],
  [/^timescaledb$/, { apt: 'timescaledb-2-postgresql-N', image: 'timescale/timescaledb:latest-pgN' }],
  [/^(?:plpython3u|\w+_plpython3u)$/, { apt: 'postgresql-plpython3-N', dnf: 'postgresqlN-plpython3' }],
  [/^(?:plperlu?|\w+_plperlu?)$/, { apt: 'postgresql-plperl-N', dnf: 'postgresqlN-plperl' }],
  // Debian's are named after them.
  [/^pg_(?:cron|partman|similarity)$/, { apt: 'postgresql-N-{}' }],
  [
    /^(?:age|h3|hll|http|hypopg|ip4r|jsquery|orafce|pgaudit|pgtap|pg_hint_plan|prefix|q3c|rational|rum|semver|tdigest|unit|(?:mysql|ogr|tds)_fdw)$/,
    { apt: 'postgresql-N-{}' },
  ],
];

/** A server, by its version as it says it, and its programs, where they are known. */
export interface ExtendedServer {
  /** `15.20 (Debian 15.20-0+deb12u1)` */
  readonly version: string;
  /** The folder of its programs. */
  readonly bin?: string | undefined;
}

/** What to do where the server is: the command that installs them; where no package is known of one, how to look for it. */
export function installCommand(names: readonly string[], server: ExtendedServer): string {
  const system = systemOf(server);
  const major = majorOf(server);
  const packages = new Set(names.map((name) => packageOf(name, system, major)));
  const known = [...packages].filter((name) => name !== undefined);
  if (system === undefined) return `install ${quoted(names)} for Postgres ${major}, from where that is`;
  if (system === 'app') return `install ${quoted(names)} from postgresapp.com/extensions`;
  if (known.length === packages.size) return `run \`${INSTALL[system]} ${known.join(' ')}\``;
  return `install ${quoted(names)} for Postgres ${major}: \`${SEARCH[system].replace('N', String(major))}\` lists what there is`;
}

/** A container's image that has it: `pgvector/pgvector:pg17`. */
export function imageWith(names: readonly string[], server: ExtendedServer): string | undefined {
  const [only, ...others] = names.map((name) => ofExtension(name).image);
  return others.length === 0 ? only?.replace('N', String(majorOf(server))) : undefined;
}

export function majorOf({ version }: ExtendedServer): number {
  return Number.parseInt(version, 10);
}

const INSTALL: Readonly<Record<Exclude<System, 'app'>, string>> = {
  apt: 'apt-get install',
  dnf: 'dnf install',
  apk: 'apk add',
  brew: 'brew install',
};

const SEARCH: Readonly<Record<Exclude<System, 'app'>, string>> = {
  apt: 'apt-cache search postgresql-N-',
  dnf: 'dnf search _N',
  apk: 'apk search postgresql',
  brew: 'brew search postgresql',
};

function systemOf({ version, bin = '' }: ExtendedServer): System | undefined {
  if (/\((?:Debian|Ubuntu)\b/.test(version) || bin.startsWith('/usr/lib/postgresql/')) return 'apt';
  if (/\(Postgres\.app\)/.test(version) || bin.includes('/Postgres.app/')) return 'app';
  if (/\(Homebrew\)/.test(version) || /brew\/|\/Cellar\/|\/opt\/postgresql@/.test(bin)) return 'brew';
  if (bin.startsWith('/usr/pgsql-')) return 'dnf';
  return bin.startsWith('/usr/libexec/postgresql') ? 'apk' : undefined;
}

function packageOf(name: string, system: System | undefined, major: number): string | undefined {
  const found = system && ofExtension(name)[system];
  return found?.replace('N', String(major)).replace('{}', name.replace(/^pg_(?!hint)/, '').replaceAll('_', '-'));
}

function ofExtension(name: string): Packages {
  if (CONTRIB.has(name)) return { apt: 'postgresql-N', dnf: 'postgresqlN-contrib', apk: 'postgresqlN-contrib' };
  return PACKAGES.find(([pattern]) => pattern.test(name))?.[1] ?? {};
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' and ');
}

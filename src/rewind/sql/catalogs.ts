// The system catalogs: which rows of each are the application's, which of its columns say nothing about what a query returns,
// and why some catalogs are not looked at.

export interface Catalog {
  /** The rows that are digested: temporary ones are not. `space` holds the application's schemas, `rel` its relations. */
  readonly digest: string;
  /** Rows that may be the application's, by a column of an index. */
  readonly look: string;
  /** Columns that ANALYZE, VACUUM, CLUSTER or TRUNCATE change, too. */
  readonly without?: readonly string[];
  /** What is added to a row's columns. */
  readonly and?: string;
  readonly since?: number;
}

const FIRST = 16384; // Objects that initdb made are below.
const PUBLIC = 2200; // Of these, what may be the application's.
const inSpace = (column: string): Catalog => ({
  digest: `${column} IN (SELECT oid FROM space)`,
  look: `oid >= ${FIRST}`,
});
const ofRelation = (column: string, look = column): Catalog => ({
  digest: `${column} IN (SELECT oid FROM rel)`,
  look: `${look} >= ${FIRST}`,
});
const all: Catalog = { digest: `oid >= ${FIRST}`, look: `oid >= ${FIRST}` };

export const CATALOGS: Readonly<Record<string, Catalog>> = {
  pg_namespace: { digest: 'oid IN (SELECT oid FROM space)', look: 'true' },
  pg_class: {
    ...inSpace('relnamespace'),
    without: [
      ...['relfilenode', 'relpages', 'reltuples', 'relallvisible', 'relallfrozen', 'reltoastrelid', 'relfrozenxid'],
      ...['relminmxid', 'relhasindex', 'relhasrules', 'relhastriggers', 'relhassubclass', 'relrewrite'],
    ],
    // REFRESH writes the row of the view anew, also when it is CONCURRENTLY.
    and: `CASE relkind WHEN 'm' THEN xmin END`,
  },
  pg_attribute: {
    digest: 'attrelid IN (SELECT oid FROM rel) AND attnum > 0',
    look: `attrelid >= ${FIRST} AND attnum > 0`,
    without: ['attcacheoff', 'atthasmissing', 'attmissingval'],
  },
  pg_index: { ...ofRelation('indexrelid'), without: ['indisclustered', 'indcheckxmin'] },
  pg_attrdef: ofRelation('adrelid', 'oid'),
  pg_constraint: inSpace('connamespace'),
  pg_trigger: {
    ...ofRelation('tgrelid', 'oid'),
    // Whoever switches one of ours off and on again may have written rows in between.
    and: `CASE WHEN starts_with(tgname, '~stk_') THEN xmin END`,
  },
  pg_rewrite: ofRelation('ev_class', 'oid'),
  pg_policy: ofRelation('polrelid', 'oid'),
  pg_inherits: ofRelation('inhrelid'),
  pg_partitioned_table: ofRelation('partrelid'),
  pg_sequence: ofRelation('seqrelid'),
  pg_foreign_table: ofRelation('ftrelid'),
  pg_proc: inSpace('pronamespace'),
  pg_aggregate: {
    digest: `aggfnoid IN (SELECT oid FROM pg_proc WHERE pronamespace IN (SELECT oid FROM space))`,
    look: `aggfnoid >= ${FIRST}`,
  },
  pg_type: inSpace('typnamespace'),
  pg_enum: all,
  pg_range: { digest: `rngtypid >= ${FIRST}`, look: `rngtypid >= ${FIRST}` },
  pg_cast: all,
  pg_operator: inSpace('oprnamespace'),
  pg_opclass: inSpace('opcnamespace'),
  pg_opfamily: inSpace('opfnamespace'),
  pg_amop: all,
  pg_amproc: all,
  pg_am: all,
  pg_language: all,
  pg_transform: all,
  pg_collation: inSpace('collnamespace'),
  pg_conversion: inSpace('connamespace'),
  pg_statistic_ext: inSpace('stxnamespace'),
  pg_ts_config: inSpace('cfgnamespace'),
  pg_ts_config_map: { digest: `mapcfg >= ${FIRST}`, look: `mapcfg >= ${FIRST}` },
  pg_ts_dict: inSpace('dictnamespace'),
  pg_ts_parser: inSpace('prsnamespace'),
  pg_ts_template: inSpace('tmplnamespace'),
  pg_default_acl: all,
  pg_extension: all,
  pg_foreign_data_wrapper: all,
  pg_foreign_server: all,
  pg_publication: all,
  pg_publication_rel: all,
  pg_publication_namespace: { ...all, since: 15 },
  pg_description: {
    digest: `(objoid >= ${FIRST} OR objoid = ${PUBLIC}) AND (classoid <> 'pg_class'::regclass OR objoid IN (SELECT oid FROM rel))`,
    look: `objoid >= ${FIRST} OR objoid = ${PUBLIC}`,
  },
  pg_seclabel: {
    digest: `objoid >= ${FIRST} AND (classoid <> 'pg_class'::regclass OR objoid IN (SELECT oid FROM rel))`,
    look: `objoid >= ${FIRST}`,
  },
  // Who owns a sequence (which ALTER SEQUENCE writes anew, too); what belongs to an extension, or goes with it. All else that it
  // says follows from the others.
  pg_depend: {
    digest: `refclassid = 'pg_extension'::regclass
      OR classid = 'pg_class'::regclass AND deptype IN ('a', 'i') AND objid IN (SELECT oid FROM rel WHERE relkind = 'S')`,
    look: `refclassid = 'pg_extension'::regclass`,
  },
};

/** Why a catalog is not digested. */
export const NOT_DIGESTED: Readonly<Record<string, string>> = {
  pg_statistic: 'what ANALYZE writes',
  pg_statistic_ext_data: 'what ANALYZE writes',
  pg_init_privs: 'what pg_dump leaves out',
  pg_largeobject: 'looked at by itself',
  pg_largeobject_metadata: 'looked at by itself',
  pg_event_trigger: 'compared at every rewind',
  pg_database: 'compared at every rewind',
  pg_db_role_setting: 'compared at every rewind',
  pg_subscription: 'compared at every rewind',
  pg_user_mapping: 'only a superuser may read it; compared through pg_user_mappings',
  pg_subscription_rel: 'of subscriptions',
  pg_authid: "the server's",
  pg_auth_members: "the server's",
  pg_parameter_acl: "the server's",
  pg_replication_origin: "the server's",
  pg_shdepend: "the server's",
  pg_shdescription: "the server's",
  pg_shseclabel: "the server's",
  pg_tablespace: "the server's",
};

// What a run does on an existing server, from its sweep to its end, in this process.
import type { DevelopmentDatabases } from '../../config/resolved.ts';
import { Lifetime } from '../../lifetime.ts';
import { newRunKey } from '../../names.ts';
import { type Client, connect, withClient } from '../../postgres/client/connection.ts';
import { withDatabase } from '../../postgres/client/connection-string.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import { createClone } from '../../postgres/databases/clone.ts';
import { dropMade } from '../../postgres/databases/drop.ts';
import { dropKept, keptDatabases, setAside } from '../../postgres/databases/kept-databases.ts';
import { ensureTemplate, type TemplateSpec } from '../../postgres/databases/template.ts';
import { connectTo, useExisting } from '../../postgres/existing/existing.ts';
import { sweepDatabases } from '../../postgres/existing/sweep-databases.ts';
import { changes } from '../../rewind/changes.ts';
import { openControl } from '../../rewind/control.ts';
import { deltaBetween, replay } from '../../rewind/delta.ts';
import { installCapture } from '../../rewind/install.ts';
import { mark } from '../../rewind/mark.ts';
import { rewind } from '../../rewind/rewind.ts';
import { DatabaseConnections } from '../proof/connected-to.ts';
import { StepProof } from '../proof/step-proof.ts';

type Deed = (database: string) => Promise<unknown>;

/** What others do to our databases meanwhile. */
export interface Meanwhile {
  /** To the template: it is migrated, and not yet captured and sealed. */
  readonly migrated?: Deed;
  /** To the clone: nobody has used it yet. */
  readonly cloned?: Deed;
  /** To the clone: a test runs. */
  readonly tested?: Deed;
  /** To the clone: the test is undone. */
  readonly rewound?: Deed;
}

/** Throws what a run would. What it has made is gone afterwards. */
export async function useAsARun(url: string, meanwhile: Meanwhile = {}): Promise<void> {
  await using mine = new Lifetime();
  const signal = new AbortController().signal;
  const run = newRunKey();
  await withClient(connectTo(url, { purpose: 'sweep' }), (client) => sweepDatabases(client, 'drop'));
  const server = await useExisting({ url, run, connections: 1, signal, lifetime: mine });
  const template = await ensureTemplate(server, asARun(server, run, meanwhile.migrated), signal);
  mine.defer('template', async () => template.made && dropMade(server, template.made));
  const name = `stk_${run}_0`;
  const clone = await createClone(server, template, { name, run, signal });
  mine.defer('clone', () => dropMade(server, clone));
  await meanwhile.cloned?.(name);
  await withClient(server.connect({ purpose: 'test', database: name }), async (client) => {
    const control = await openControl(client);
    const start = await mark(control);
    await inDatabase(url, name, "INSERT INTO t (v) VALUES ('mine'); DELETE FROM t WHERE id OPERATOR(pg_catalog.=) 1");
    if ((await changes(control, start)).length !== 2) throw new Error('not 2 changes');
    await meanwhile.tested?.(name);
    const delta = await deltaBetween(control, start);
    await rewind(control, start);
    await meanwhile.rewound?.(name);
    await replay(control, delta);
    await rewind(control, start);
  });
  const after = { test: 't', file: 'f', slot: 0, variant: 'default', root: '/', at: '', database: 'main' };
  await setAside(server, { run, n: 1, databases: [{ name: 'main', database: name }], after });
  await server.close(); // the run's lock is free: what it has kept may be dropped
  await withClient(connectTo(url, { purpose: 'clean' }), async (client) => {
    const kept = (await keptDatabases(client)).filter((each) => each.run === run);
    if (kept.length !== 1) throw new Error('it kept nothing');
    for (const each of kept) await dropKept(client, each, 'drop');
  });
}

/** As the role of `url`, with the settings that its sessions inherit. */
export function inDatabase(url: string, database: string, sql: string): Promise<unknown> {
  const target = { connectionString: withDatabase(url, database) };
  return withClient(connect(target, 'test', { purpose: 'test', settings: 'inherited' }), (client) => client.query(sql));
}

/** A template of one table, made by a command, as a run makes it. */
export function asARun(server: DatabaseServer, run: string, migrated?: Deed): TemplateSpec {
  const known: DevelopmentDatabases = { development: undefined, inherited: [], taken: [], named: [], allowed: [] };
  const proof = new StepProof(server, new DatabaseConnections(server, known), { empty: false });
  const command = `"${process.execPath}" -e "
    const pg = require('pg'); const client = new pg.Client(process.env.DATABASE_URL);
    client.connect().then(() => client.query('CREATE TABLE public.t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v pg_catalog.text); INSERT INTO public.t (v) VALUES (1)')).then(() => client.end())"`;
  const how = { title: 'database.migrate', cwd: process.cwd(), timeout: 20_000, signal: new AbortController().signal };
  return {
    kind: 'run' as const,
    key: run,
    run,
    extensions: [],
    role: 'owner' as const,
    seed: undefined,
    migrate: (context: { url: string; env: Record<string, string> }) =>
      proof.run({ kind: 'command', command }, { ...how, context }),
    finish: async (client: Client) => {
      await proof.check();
      await migrated?.(client.database ?? '');
      await installCapture(client, { shared: true });
    },
  };
}

// For `dev --kept`: the run's Postgres, with what an earlier run has kept in the place of templates. The stack uses a
// clone of it: what was kept stays as it is.
import type { ResolvedDatabase, ResolvedVariant } from '../../config/resolved.ts';
import { messageOf, StacksError } from '../../errors.ts';
import { type FoundKept, mustFindKept } from '../../kept/find-kept.ts';
import { withClient } from '../../postgres/client/connection.ts';
import { serverTitle } from '../../postgres/client/connection-string.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import { readExtras } from '../../postgres/databases/database-extras.ts';
import type { Kept } from '../../postgres/databases/kept.ts';
import type { Template } from '../../postgres/databases/template.ts';
import { chooseBinaries } from '../../postgres/embedded/choose-binaries.ts';
import type { KeptCluster } from '../../postgres/embedded/kept-clusters.ts';
import { chosenBinaries } from '../chosen-binaries.ts';
import { type PostgresOptions, type Prepared, startOwn, useServer } from '../prepare-postgres.ts';

export async function prepareKept(options: PostgresOptions, name: string): Promise<Prepared> {
  const { config } = options;
  const [first] = config.variants.values();
  const { kept, place } = await find(name, config.root, first?.database.url);
  const variant = config.variants.get(kept.variant);
  if (!variant) throw unknown(`its variant '${kept.variant}' belongs to no project of this config.`);
  const postgres =
    place.kind === 'cluster'
      ? await startKept(options, place.cluster)
      : await useServer(options, first?.database.url ?? place.url);
  const templates = await templatesOf(postgres, kept, variant);
  return { postgres, templates: new Map([[variant.name, templates]]) };
}

/** By the binaries that made it, whatever the config names by now. */
async function startKept(options: PostgresOptions, kept: KeptCluster): Promise<DatabaseServer> {
  const { config, signal } = options;
  const { choice } = kept;
  const binaries = choice
    ? await chooseBinaries(config.root, choice, { option: 'database', signal })
    : await chosenBinaries(config, signal);
  return startOwn(options, { clusterKey: undefined, kept, binaries });
}

async function find(name: string, root: string, url: string | undefined): Promise<FoundKept> {
  const found = await mustFindKept(name, root, url).catch((error) => {
    throw error instanceof StacksError ? error : unknown(messageOf(error));
  });
  const { place } = found;
  const isOfLiving = place.kind === 'server' && (!url || serverTitle(url) !== serverTitle(place.url));
  if (isOfLiving) throw unknown('its run has not ended: until then only `psql` opens it.');
  return found;
}

function templatesOf(postgres: DatabaseServer, kept: Kept, { databases }: ResolvedVariant): Promise<Template[]> {
  return withClient(postgres.connect({ purpose: 'kept' }), async (client) => {
    const templates: Template[] = [];
    for (const each of databases) {
      const { database } = kept.databases.find(({ name }) => name === each.name) ?? missing(each);
      const extras = await readExtras(client, database);
      templates.push({ database, built: false, ms: { migrate: 0, seed: 0, total: 0 }, extras });
    }
    return templates;
  });
}

function missing({ option }: ResolvedDatabase): never {
  throw unknown(`it has no copy of \`${option}\`, which the config has now.`);
}

function unknown(what: string): StacksError {
  return new StacksError('OPTIONS_INVALID', `dev --kept: ${what}`, {
    hint: '`npx playwright-stacks status` lists what is kept.',
  });
}

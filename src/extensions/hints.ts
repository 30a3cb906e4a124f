// Extensions that a server lacks: which, by what a program says that wanted one, and the line that helps.

import { hasExtension, type LocalPostgres, localInstallations } from './local-postgres.ts';
import { type ExtendedServer, imageWith, installCommand, majorOf } from './packages.ts';

export interface ServerWithout extends ExtendedServer {
  /** `embedded` with `bin`: an installation of this machine; without: the npm packages'. */
  readonly kind: 'embedded' | 'existing';
}

/** What to do for them on that server, as a sentence. */
export function missingHint(
  names: readonly string[],
  server: ServerWithout,
  local: readonly LocalPostgres[] = localInstallations(),
): string {
  if (server.kind === 'existing') {
    const image = imageWith(names, server);
    return `on the server’s machine: ${installCommand(names, server)}${image ? `; in a container: the image ${image}` : ''}.`;
  }
  if (server.bin !== undefined) return `${installCommand(names, server)}.`;
  const having = local.find((each) => names.every((name) => hasExtension(each, name)));
  if (having)
    return `Postgres ${having.major ?? ''} of this machine has it: write \`binaries: '${having.bin}'\` in the options of the database.`;
  const usual = process.platform === 'darwin' ? '/opt/homebrew/opt/postgresql@17/bin' : '/usr/lib/postgresql/17/bin';
  const { bin, major } = local.find((each) => each.major !== undefined) ?? { bin: usual, major: 17 };
  const install = installCommand(names, { version: String(major), bin });
  return `that of the npm packages has only what comes with Postgres: ${install}, and write \`binaries: '${bin}'\` in the options of the database.`;
}

/** What a program has said that needs an extension: the server lacks it, or the database, or it may not be made. */
export interface ExtensionTrouble {
  readonly kind: 'not available' | 'not created' | 'not allowed';
  readonly name: string;
}

/** @param text output, or an error's message */
export function extensionTrouble(text: string): ExtensionTrouble | undefined {
  for (const pattern of NOT_AVAILABLE) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return { kind: 'not available', name: name.replace(/-\d(?:\.\d)?$/, '') };
  }
  const refused = /permission denied to create extension "([\w-]+)"/.exec(text)?.[1];
  if (refused !== undefined) return { kind: 'not allowed', name: refused };
  const [, type = ''] = /type "(?:\w+\.)?(\w+)" does not exist/.exec(text) ?? [];
  const name = OF_TYPES.get(type);
  return name === undefined ? undefined : { kind: 'not created', name };
}

/** What to do about it, as a sentence. */
export function troubleHint({ kind, name }: ExtensionTrouble, server: ServerWithout): string {
  if (kind === 'not available') return `${titleOf(server)} has no extension "${name}": ${missingHint([name], server)}`;
  const line = `\`extensions: ['${name}']\` beside \`migrate\``;
  if (kind === 'not created') return `the extension "${name}" is in no database yet: write ${line}.`;
  return `a superuser has to create "${name}", which the owner of the database is not: write ${line}, and it is there (\`CREATE EXTENSION IF NOT EXISTS\` passes).`;
}

/** `the embedded Postgres 18`, `Postgres 15 in /usr/lib/postgresql/15/bin` */
export function titleOf(server: ServerWithout): string {
  const title = `Postgres ${majorOf(server)}`;
  if (server.kind === 'existing') return `${title} of \`database.url\``;
  return server.bin === undefined ? `the embedded ${title}` : `${title} in ${server.bin}`;
}

/** Before 16 it is the file that is missing; a restored dump may only miss the library. */
const NOT_AVAILABLE = [
  /extension "([\w-]+)" is not available/,
  /could not open extension control file ".*?([\w-]+)\.control"/,
  /could not access file "\$libdir\/([\w.-]+?)"/,
];

const OF_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ vector: 'vector', halfvec: 'vector', sparsevec: 'vector' },
    ...{ geometry: 'postgis', geography: 'postgis' },
    ...{ citext: 'citext', hstore: 'hstore', ltree: 'ltree', cube: 'cube' },
  }),
);

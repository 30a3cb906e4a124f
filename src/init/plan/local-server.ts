// A Postgres of this machine in the embedded one's place, where the project needs what the npm packages' has not: an
// extension, or the major version that it is developed on.
import { missingHint } from '../../extensions/hints.ts';
import { hasExtension, type LocalPostgres } from '../../extensions/local-postgres.ts';
import type { Detected } from '../detect/detect.ts';

const EMBEDDED_MAJOR = 18;

type Needed = Pick<Detected, 'extensions' | 'compose'>;

/** The one that has all extensions; of several the one of the major in use, else the newest. */
export function localServer(needed: Needed, local: readonly LocalPostgres[]): LocalPostgres | undefined {
  const names = foreign(needed);
  if (names.length === 0) return undefined;
  const able = local.filter((each) => names.every((name) => hasExtension(each, name)));
  return able.find(({ major }) => major === needed.compose?.major) ?? able[0];
}

/** What is left to do where none has them, or none is of that major. */
export function serverTodo(needed: Needed, local: readonly LocalPostgres[]): string[] {
  const { compose } = needed;
  const names = foreign(needed);
  const chosen = localServer(needed, local);
  const major = chosen === undefined ? EMBEDDED_MAJOR : chosen.major;
  const isOther = compose?.major !== undefined && major !== undefined && compose.major !== major;
  const same = local.find((each) => each.major === compose?.major);
  return [
    ...(names.length > 0 && chosen === undefined
      ? [
          `the embedded Postgres has no ${names.join(', ')}: ${missingHint(names, { kind: 'embedded', version: String(EMBEDDED_MAJOR) }, local)} Or name a server that has it, by database.url or STACKS_DATABASE_URL`,
        ]
      : []),
    ...(isOther
      ? [
          `${compose.at}: you develop on Postgres ${compose.major}; the ${chosen ? 'one of this machine' : 'embedded server'} is ${major}. For the same one, ${same ? `write database: { binaries: '${same.bin}' }` : 'install it and name it by database.binaries, or name a server by database.url or STACKS_DATABASE_URL'}`,
        ]
      : []),
  ];
}

function foreign({ extensions }: Needed): string[] {
  return extensions.filter(({ isForeign }) => isForeign).map(({ name }) => name);
}

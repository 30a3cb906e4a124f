// The Postgres installations of this machine, where their packages put them: Debian's and PGDG's, Homebrew's, Postgres.app,
// Fedora's, Alpine's. Only looked at, nothing is run.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface LocalPostgres {
  /** The folder of `postgres` and `initdb`. */
  readonly bin: string;
  /** Undefined: its place does not say. */
  readonly major: number | undefined;
}

/** Folders that hold one for each major; `*` is what its name ends with, which has the major. */
const PLACES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/usr/libexec/postgresql*',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
  '/usr/bin',
];

/** Those that have `postgres` and `initdb`, the newest first. */
export function localInstallations(places: readonly string[] = PLACES): LocalPostgres[] {
  return places
    .flatMap(inPlace)
    .filter(({ bin }) => ['postgres', 'initdb'].every((name) => existsSync(join(bin, name))))
    .sort((a, b) => (b.major ?? 0) - (a.major ?? 0));
}

/** Whether it has the extension, as far as its files tell. */
export function hasExtension({ bin, major }: LocalPostgres, name: string): boolean {
  const above = dirname(bin);
  const shares = [
    ...[`/usr/share/postgresql/${major}`, `/usr/share/postgresql${major}`, '/usr/share/pgsql', '/usr/share/postgresql'],
    ...[`${above}/share`, `${above}/share/postgresql`, `${above}/share/postgresql@${major}`],
  ];
  return shares.some((share) => existsSync(join(share, 'extension', `${name}.control`)));
}

function inPlace(place: string): LocalPostgres[] {
  const [before = '', after] = place.split('*');
  if (after === undefined) return [{ bin: place, major: undefined }];
  const folder = before.endsWith('/') ? before.slice(0, -1) : dirname(before);
  const start = before.slice(folder.length + 1);
  return namesIn(folder).flatMap((name) => {
    const major = name.startsWith(start) ? /^\d{2}$/.exec(name.slice(start.length))?.[0] : undefined;
    return major === undefined ? [] : [{ bin: `${folder}/${name}${after}`, major: Number(major) }];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no such place on this machine
  }
}

// Which of the slots' servers stand for which entries of the config's `webServer`, the developer's own. Where that is not
// plain, none does: a server's own address would be taken for another's.
import type { ServerOptions } from './options.ts';
import { developmentPort, serverName } from './server-mistakes.ts';

type Likeness = (entry: ServerOptions, server: ServerOptions) => boolean;

/** The names of those of `servers` that are for the slots what `entries` are in development, by the index of the entry. */
export function counterparts(
  entries: readonly ServerOptions[],
  servers: readonly ServerOptions[],
  baseURLs: readonly unknown[],
): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const left = new Map(servers.map((server, index) => [serverName(server, index), server] as const));
  for (const [name, { command }] of left) if (command === undefined) left.delete(name);
  const open = () => [...entries.entries()].filter(([index]) => !names.has(index));
  const pair = (index: number, name: string): void => {
    names.set(index, name);
    left.delete(name);
  };
  for (const isLike of [byName, byCommand, byPath]) {
    for (const [name, server] of [...left]) {
      const [only, ...others] = open().filter(([, entry]) => isLike(entry, server));
      const rivals = [...left.values()].filter((each) => only && isLike(only[1], each));
      if (only && others.length === 0 && rivals.length === 1) pair(only[0], name);
    }
  }
  const [last, ...more] = left.keys();
  const rest = more.length > 0 ? undefined : lastOf(open(), entries.length, baseURLs);
  if (last !== undefined && rest !== undefined) pair(rest, last);
  return names;
}

/** The entry that the last server stands for: the one that `baseURL` names, else the only one that speaks HTTP. */
function lastOf(
  open: readonly (readonly [number, ServerOptions])[],
  all: number,
  baseURLs: readonly unknown[],
): number | undefined {
  const ports = baseURLs.map((url) => (typeof url === 'string' && URL.canParse(url) ? new URL(url).port : undefined));
  const named = open.filter(([, entry]) => ports.includes(developmentPort(entry)));
  const speaking = open.filter(([, entry]) => isByUrl(entry));
  // Playwright itself makes the port of a single entry its `baseURL`.
  const single = all === 1 && ports.every((port) => port === undefined) ? open : [];
  const found = [named, speaking, single].find(({ length }) => length > 0) ?? [];
  return found.length === 1 ? found[0]?.[0] : undefined;
}

/** It speaks HTTP; of a bare `port` that is not known. */
export function isByUrl({ url }: ServerOptions): boolean {
  return /^https?:/.test(String(url));
}

const byName: Likeness = (entry, server) => server.name !== undefined && server.name === entry.name;

/** The entry's, with more arguments. */
const byCommand: Likeness = (entry, server) => lastCommand(server).startsWith(lastCommand(entry));

const byPath: Likeness = (entry, server) => pathOf(server) !== '' && pathOf(server) === pathOf(entry);

function lastCommand({ command = '' }: ServerOptions): string {
  return `${String(command).split(/&&|;/).at(-1)?.trim() ?? ''} `;
}

function pathOf({ url = '' }: ServerOptions): string {
  return String(url)
    .replace(/^https?:\/\/[^/]+/, '')
    .replace(/^\/$/, '');
}

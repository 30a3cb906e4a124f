// Playwright's own `webServer`, taken over as the servers of every slot; or with STACKS=off left to Playwright.
import { developmentServers, withPlaceholders } from './development-origins.ts';
import type { ServerOptions } from './options.ts';
import { developmentPort, serverName } from './server-mistakes.ts';

/** The entries of `webServer`, without `reuseExistingServer`, which has no meaning for servers per slot. */
export function adoptWebServer(webServer: unknown): readonly ServerOptions[] {
  if (webServer === undefined || webServer === null) return [];
  const entries: readonly object[] = Array.isArray(webServer) ? webServer : [webServer];
  const adopted = entries.map((entry) => {
    const { reuseExistingServer: _, ...server }: Record<string, unknown> = { ...entry };
    // Playwright takes 0 for its default.
    if (server.timeout === 0) delete server.timeout;
    // Playwright accepts `name: 'API server'`; ours is also part of file names and placeholders.
    if (typeof server.name === 'string') server.name = server.name.trim().replace(/[^\w-]+/g, '-');
    return server as ServerOptions;
  });
  const development = developmentServers(adopted);
  return adopted.map((entry) => onSlots(entry, development));
}

/** Its url is every slot's own, and so are the origins that its `command` and `env` name. */
function onSlots(entry: ServerOptions, development: ReadonlyMap<string, string>): ServerOptions {
  const { command, env } = entry;
  if (command === undefined) return entry;
  const rewrite = (text: unknown) => (typeof text === 'string' ? withPlaceholders(text, development) : text);
  const isObject = typeof env === 'object' && env !== null;
  return {
    ...entry,
    command: typeof command === 'string' ? withPlaceholders(command, development) : command,
    ...(isObject && {
      env: Object.fromEntries(Object.entries(env).map(([name, text]) => [name, rewrite(text)])) as never,
    }),
  };
}

/** What Playwright is given with STACKS=off: `{port}`, `{url}` are the entry's own, `{port:name}`, `{url:name}` another's. */
export function withOwnPorts(webServer: unknown): unknown {
  const entries = adoptWebServer(webServer);
  const names = entries.map(serverName);
  const ports = new Map(entries.map((entry, index) => [names[index], developmentPort(entry)]));
  const urls = new Map(entries.map((entry, index) => [names[index], developmentOrigin(entry)]));
  const fill = (value: unknown, name: string | undefined): unknown => {
    if (typeof value !== 'string') return value;
    return value
      .replace(/\{port(?::([^{}]*))?\}/g, (all, other?: string) => ports.get(other ?? name) ?? all)
      .replace(/(?<![$%])\{url(?::([^{}]*))?\}/g, (all, other?: string) => urls.get(other ?? name) ?? all);
  };
  const filled = (entry: unknown, index: number): unknown => {
    if (typeof entry !== 'object' || entry === null) return entry;
    const all = Object.entries(entry).map(([key, value]: [string, unknown]) => {
      const isEnv = key === 'env' && typeof value === 'object' && value !== null;
      const text = isEnv
        ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fill(each, names[index])]))
        : fill(value, names[index]);
      return [key, text];
    });
    return Object.fromEntries(all);
  };
  return Array.isArray(webServer) ? webServer.map(filled) : filled(webServer, 0);
}

function developmentOrigin(entry: ServerOptions): string | undefined {
  const port = developmentPort(entry);
  if (port === undefined) return undefined;
  return entry.url?.match(/^https?:\/\/[^/]+/)?.[0] ?? `http://localhost:${port}`;
}

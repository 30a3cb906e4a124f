// Playwright's own `webServer`, taken over as the servers of every slot; or with STACKS=off left to Playwright.
import type { ServerOptions } from './options.ts';
import { developmentPort, serverName } from './server-mistakes.ts';

/** The entries of `webServer`, without `reuseExistingServer`, which has no meaning for servers per slot. */
export function adoptWebServer(webServer: unknown): readonly ServerOptions[] {
  if (webServer === undefined || webServer === null) return [];
  const entries: readonly object[] = Array.isArray(webServer) ? webServer : [webServer];
  return entries.map((entry) => {
    const { reuseExistingServer: _, ...server }: Record<string, unknown> = { ...entry };
    // Playwright takes 0 for its default.
    if (server.timeout === 0) delete server.timeout;
    // Playwright accepts `name: 'API server'`; ours is also part of file names and placeholders.
    if (typeof server.name === 'string') server.name = server.name.trim().replace(/[^\w-]+/g, '-');
    return server as ServerOptions;
  });
}

/** What Playwright is given with STACKS=off: `{port}` is the entry's own port, `{port:name}` that of another. */
export function withOwnPorts(webServer: unknown): unknown {
  const ports = new Map(
    adoptWebServer(webServer).map((entry, index) => [serverName(entry, index), developmentPort(entry)]),
  );
  const names = [...ports.keys()];
  const fill = (value: unknown, name: string | undefined): unknown => {
    if (typeof value !== 'string') return value;
    return value.replace(/\{port(?::([^{}]*))?\}/g, (all, other?: string) => ports.get(other ?? name ?? '') ?? all);
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

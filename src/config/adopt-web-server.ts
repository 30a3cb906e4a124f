// Playwright's own `webServer`, taken over as the servers of every slot.
import type { ServerOptions } from './options.ts';

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

// A file's own `test.use({ baseURL })` that names the developer's server is moved to the slot's, path kept.
import type { ServerOptions } from '../../config/options.ts';
import { developmentPort } from '../../config/server-mistakes.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { slotBaseURL } from '../base-url.ts';
import { changeUsedOptions } from '../private.ts';

/**
 * Called while a worker loads the config, before the test files.
 * @param known the `baseURL`s of the config and its projects: a file that repeats their origin means the same server
 * @param servers the servers as the user wrote them
 */
export function moveFileBaseURLs(known: readonly unknown[], stack: StackInfo, servers: readonly ServerOptions[]): void {
  const origins = new Set(known.map(originOf));
  const ports = new Set(servers.map(developmentPort));
  const isDevelopment = (url: string) => {
    const origin = originOf(url);
    if (origin === undefined) return false;
    const { hostname, port } = new URL(url);
    return origins.has(origin) || (LOCAL.test(hostname) && port !== '' && ports.has(port));
  };
  changeUsedOptions((options) => {
    const { baseURL } = options;
    if (typeof baseURL !== 'string' || !isDevelopment(baseURL)) return options;
    return { ...options, baseURL: slotBaseURL(baseURL, stack, servers) };
  });
}

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)$/;

function originOf(url: unknown): string | undefined {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : undefined;
}

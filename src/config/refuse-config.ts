// What is passed to withStacks() in the place of a config, or of options, and would be dropped without a word.
import { StacksError } from '../errors.ts';
import type { Mistake } from './mistake.ts';

/**
 * @param config what the user passed as the config
 * @param isOurs whether withStacks() has returned it
 * @throws OPTIONS_INVALID unless it is a config
 */
export function refuseConfig(config: unknown, isOurs: (config: object) => boolean): void {
  if (isPromise(config)) {
    throw notConfig('a promise', 'wait for it: `export default withStacks(await config, { … })`.');
  }
  if (typeof config === 'function') {
    throw notConfig('a function', 'call it: `export default withStacks(await config(), { … })`.');
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    const what = Array.isArray(config) ? 'an array' : `${config}`;
    throw notConfig(what, 'write `export default withStacks(defineConfig({ … }), { … })`.');
  }
  if (isOurs(config)) {
    throw notConfig('what withStacks() has returned', 'call it once, with all options: it would set up twice.');
  }
}

/** Characters of a path: what is nested deeper may be a circle, and is no option. */
const DEEPEST = 200;

/** The promises among the options, by their paths: they have no fields, and would pass as empty. */
export function promisesIn(options: unknown, path = ''): Mistake[] {
  if (isPromise(options)) return [{ path: path || 'options', text: 'is a promise: write `await` before it' }];
  if (typeof options !== 'object' || options === null || path.length > DEEPEST) return [];
  return Object.entries(options).flatMap(([key, value]) => {
    const isIndex = Array.isArray(options);
    return promisesIn(value, isIndex ? `${path}[${key}]` : path ? `${path}.${key}` : key);
  });
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';
}

function notConfig(what: string, hint: string): StacksError {
  return new StacksError('OPTIONS_INVALID', `withStacks() was given ${what} instead of a Playwright config.`, { hint });
}

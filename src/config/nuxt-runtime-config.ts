// `runtimeConfig` of Nuxt: what it takes of the environment is written into the build, also by `nuxt dev`, whose build all
// slots share. Nuxt reads it anew from a variable of its own when it starts: `databaseUrl` from NUXT_DATABASE_URL.
import { join } from 'node:path';
import type { VariableTemplates } from './connection-template.ts';
import { readSource } from './source-files.ts';

const CONFIGS = ['ts', 'js', 'mjs', 'cjs', 'mts', 'cts'].map((ending) => `nuxt.config.${ending}`);
/** A key with what it is of the environment, a key with an object, and an object's end. */
const TOKEN =
  /(?:['"]?(\w+)['"]?\s*:\s*)(?:\{|process\.env(?:\.(\w+)|\[['"](\w+)['"]\]))|['"]?\w+['"]?\s*:\s*(?:'[^'\n]*'|"[^"\n]*"|`[^`]*`)|[{}]/g;

/**
 * Nuxt's own variables for those of `known` that the config in `folder` puts into its `runtimeConfig`.
 * @param known what a database's variables hold
 */
export function ofRuntimeConfig(folder: string, known: VariableTemplates): VariableTemplates {
  const text = CONFIGS.map((name) => readSource(join(folder, name))).find((found) => found !== undefined) ?? '';
  const begins = /\bruntimeConfig\s*:\s*\{/.exec(text);
  if (!begins) return {};
  const found: Record<string, string> = {};
  const keys: string[] = [];
  for (const [token, key, plain, quoted] of text.slice(begins.index + begins[0].length).matchAll(TOKEN)) {
    const template = known[plain ?? quoted ?? ''];
    if (token.endsWith('{')) keys.push(key ?? '');
    else if (token === '}' && keys.pop() === undefined) break;
    else if (key !== undefined && template !== undefined) found[nameOf([...keys, key])] = template;
  }
  return found;
}

/** `['public', 'apiBase']`: NUXT_PUBLIC_API_BASE */
function nameOf(keys: readonly string[]): string {
  const words = keys.map((key) => key.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2'));
  return ['nuxt', ...words].join('_').toUpperCase();
}

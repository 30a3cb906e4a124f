// `.env` files, read as dotenv and the frameworks read them: nothing is set by it, and no value is ever shown.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface EnvFile {
  /** Absolute. */
  readonly path: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Models for a developer's own file, and what other tools keep beside it. */
const NOT_LOADED = /\.(example|sample|template|tmpl|dist|schema|vault|keys|bak|orig|swp|md|gpg|age|enc)$/;
const MOST_BYTES = 256 * 1024;
/** Up to the repository's root: tools of a monorepo load the file there. */
const MOST_PARENTS = 5;

/** Those of `folder` and of the folders above it within the repository. */
export function readEnvFiles(folder: string): EnvFile[] {
  const files: EnvFile[] = [];
  for (let at = folder, n = 0; n < MOST_PARENTS; at = dirname(at), n += 1) {
    files.push(...namesIn(at).flatMap((name) => readEnvFile(join(at, name))));
    if (existsSync(join(at, '.git')) || dirname(at) === at) break;
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\.env($|\.)/.test(name) && !NOT_LOADED.test(name));
  } catch {
    return []; // A server's `cwd` may not be there yet.
  }
}

/** One, or none. */
export function readEnvFile(path: string): EnvFile[] {
  try {
    const found = statSync(path);
    if (!found.isFile() || found.size > MOST_BYTES) return [];
    return [{ path, variables: parseEnvFile(readFileSync(path, 'utf8')) }];
  } catch {
    return []; // Not ours to read: whoever may does not get a variable from us that he had not.
  }
}

const LINE =
  /^\s*(?:export\s+)?([\w.-]+)\s*(?:=|:\s)\s*(?:'((?:\\'|[^'])*)'|"((?:\\"|[^"])*)"|`((?:\\`|[^`])*)`|([^#\r\n]*))/gm;

/** With `$NAME`, `${NAME}` and `${NAME:-default}` filled in from the file itself and from `environment`. */
export function parseEnvFile(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [, name = '', single, double, backtick, plain] of text.matchAll(LINE)) {
    const raw = single ?? double?.replace(/\\n/g, '\n') ?? backtick ?? (plain ?? '').trim();
    variables[name] = single === undefined ? expand(raw, { ...environment, ...variables }) : raw;
  }
  return variables;
}

function expand(text: string, known: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/(?<!\\)\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g, (_, braced, otherwise = '', bare) => {
    return known[braced ?? bare] || otherwise;
  });
}

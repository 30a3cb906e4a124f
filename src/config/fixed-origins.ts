// The back end that a front end's own config names by the port of the development server (`proxy: { '/api':
// 'http://localhost:4000' }`): every slot's front end would lead to the developer's. Looked for before anything is made.
import { basename, relative } from 'node:path';
import { StacksError } from '../errors.ts';
import { readEnvFiles } from './env-files.ts';
import { variablesBefore } from './fallbacks.ts';
import { frontEndConfigs } from './front-end-configs.ts';
import type { FixedOrigin, InheritedOrigin, ResolvedServer, ResolvedStacks } from './resolved.ts';
import { lineAt, sourceFiles, withScripts } from './source-files.ts';

type Searched = Omit<ResolvedStacks, 'fixedOrigins'>;

/** A server whose command may read a config. */
interface Reader {
  readonly server: ResolvedServer;
  /** As its port in development is known. */
  readonly standsFor: string;
  readonly isServed: boolean;
}

/** All of a text, or what it begins with: `connect-src http://…` of a policy leads nowhere. */
const LITERAL =
  /(['"`])((?:(https?|wss?):\/\/|\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d+))\b([^'"`\s]*)\1/g;
/** Who may ask, and not who is asked: `allowedOrigins: ['http://localhost:3000']`. */
const ALLOWED = /(?:allow|cors|origins?\b|remotePatterns|domains|hosts\b|site\b)[\w-]*['"]?\s*[:=]\s*\[?[^:[\]{}]*$/i;
/** The address of pages within tests, a text that is printed, a header of answers. */
const NO_BACK_END =
  /\b(?:jsdom|happyDOM|environmentOptions)\b['"]?\s*:[^}]*$|\bconsole\.\w+\([^)]*$|Access-Control-[\w-]+['"`]\s*[:,][^{}]*$/;
const PROXIES = /prox(?:y|ies)|rewrites|routeRules/i;
/** What follows may be another's: a branch for development, in a server that is started as in production. */
const ONLY_DEVELOPMENT = /\bPHASE_\w+|\bNODE_ENV\b|\bisDev\w*\b|\bisProd\w*\b/;

/** @param names the servers of the options, by which their ports in development are known */
export function fixedOrigins(stacks: Searched, names: readonly string[]): FixedOrigin[] {
  const { variants, developmentServers } = stacks;
  if (developmentServers.size === 0) return [];
  /** By file: all that may read it. */
  const readers = new Map<string, Reader[]>();
  for (const { servers } of variants.values()) {
    for (const [index, server] of servers.entries()) {
      if (server.command === undefined) continue;
      // A variant's stands for the one in its place, whatever it is called.
      const standsFor = names.includes(server.name) ? server.name : (names[index] ?? server.name);
      for (const { path, isServed } of frontEndConfigs({ text: server.command, cwd: server.cwd })) {
        readers.set(path, [...(readers.get(path) ?? []), { server, standsFor, isServed }]);
      }
    }
  }
  const found = [...readers].flatMap(([path, all]) => {
    const files = sourceFiles([], [path]);
    const text = files.map((file) => file.text).join('\n');
    return files.flatMap((file) => inFile(file, text, all, stacks));
  });
  // What is certain of one reader of a file is.
  const sorted = [...found.filter(({ isSure }) => !isSure), ...found.filter(({ isSure }) => isSure)];
  return [...new Map(sorted.map((each) => [each.where, each])).values()];
}

export function fixedOriginText({ where, what, todo }: FixedOrigin): string {
  return `${where} ${what}. ${todo[0]?.toUpperCase()}${todo.slice(1)}`;
}

/** @throws DEVELOPMENT_ORIGIN with all of them */
export function refuseFixedOrigins(found: readonly FixedOrigin[]): void {
  if (found.length === 0) return;
  const what = 'slots would reach the development server, and not their own: it is written in a file of the project.';
  throw new StacksError('DEVELOPMENT_ORIGIN', what, {
    items: found.map(fixedOriginText),
    hint: "where it is meant: developmentOrigin: 'warn', or 'allow', in the options of withStacks().",
  });
}

/** @param all the text of the config that `path` is, or is imported by */
function inFile(
  { path, text }: { readonly path: string; readonly text: string },
  all: string,
  readers: readonly Reader[],
  { root, developmentServers, origins }: Searched,
): FixedOrigin[] {
  const isJson = path.endsWith('.json');
  return [...text.matchAll(LITERAL)].flatMap((match): FixedOrigin[] => {
    const [, , origin = '', scheme, port = '', rest = ''] = match;
    const name = developmentServers.get(port);
    const before = text.slice(Math.max(0, match.index - 200), match.index);
    if (!name || isNoBackEnd(before)) return [];
    // One that is given the slot's address reads it from there, in whatever way.
    const isElsewhere = ({ server, standsFor }: Reader) =>
      standsFor !== name && (isAllOfProxy(before) || !isGiven(server, all, name));
    const others = readers.filter(isElsewhere);
    const [first] = others;
    if (!first) return [];
    if (basename(path) === 'package.json' && !/"proxy"\s*:\s*$/.test(before)) return [];
    const variables = isJson ? undefined : variablesBefore(text, match.index);
    if (variables?.some((variable) => others.some(({ server }) => isSet(server, variable, origins)))) return [];
    const variable = variables?.at(-1) ?? `${name.replace(/\W/g, '_').toUpperCase()}_URL`;
    const value = scheme?.startsWith('http') ? `{url:${name}}` : `${origin.replace(/\d+$/, '')}{port:${name}}`;
    const env = `in server "${first.server.name}": env: { ${variable}: '${value}' }`;
    const fallback = `process.env.${variable} ?? '${origin}'`;
    const written = rest === '' ? fallback : `\`\${${fallback}}${rest}\``;
    const where = `${relative(root, path)}:${lineAt(text, match.index)}`;
    const of = `${origin}, your development server`;
    const isServed = others.some((each) => each.isServed && variablesOf(each.server, all).length === 0);
    const isSure = isServed && isProxy(before) && !ONLY_DEVELOPMENT.test(all);
    if (variables) {
      return [{ where, what: `falls back to ${of}, as nothing sets ${variable}`, todo: `write ${env}`, isSure }];
    }
    const todo = isJson ? `write it in ${instead(path)}, as ${fallback}` : `write ${written} there`;
    return [{ where, what: `names ${of}`, todo: `${todo}, and ${env}`, isSure }];
  });
}

/** The variables of the server's own `env` and `command` that are named in `text`. */
function variablesOf({ env, command = '' }: ResolvedServer, text: string): (readonly [string, string])[] {
  if (typeof env === 'function') return [];
  const given = Object.entries(env).map(([variable, value]) => [variable, value ?? ''] as const);
  const inCommand = [...command.matchAll(/(?<!\S)(\w+)=(\S+)/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  return [...given, ...inCommand].filter(([variable]) => new RegExp(`\\b${variable}\\b`).test(text));
}

/** It reads a variable that names the slot's server; or, of what a function returns, it may. */
function isGiven(server: ResolvedServer, text: string, name: string): boolean {
  if (typeof server.env === 'function') return /\benv\b/.test(text);
  const placeholders = [`{url:${name}}`, `{port:${name}}`];
  return variablesOf(server, text).some(([, value]) => placeholders.some((each) => value.includes(each)));
}

/** The literal is in the value of a proxy's option, or of the path that it is for. */
function isProxy(before: string): boolean {
  const key = before.replace(/\?[^?:{},]*:\s*$/, '');
  if (/(?:^|[^\w.-])(['"`]?)(?:target|destination|proxy)\1\s*[:=]\s*[^,;{}]*$/.test(key)) return true;
  return PROXIES.test(before) && /(['"`])[/^][^'"`\n]*\1\s*:\s*[^,;{}]*$/.test(key);
}

/** It is all of that value. */
function isAllOfProxy(before: string): boolean {
  if (/(?:^|[^\w.-])(['"`]?)(?:target|destination|proxy)\1\s*:\s*$/.test(before)) return true;
  return PROXIES.test(before) && /(['"`])[/^][^'"`\n]*\1\s*:\s*$/.test(before);
}

function isNoBackEnd(before: string): boolean {
  if (NO_BACK_END.test(before)) return true;
  return ALLOWED.test(before) || ALLOWED.test(before.replace(/(['"`])[^'"`]*\1/g, ''));
}

/** Of JSON's, which reads no variable. */
function instead(path: string): string {
  return basename(path) === 'package.json' ? 'src/setupProxy.js' : basename(path).replace(/\.json$/, '.mjs');
}

/** What a function returns is known when the server starts; it is looked at where the server connects. */
function isSet(server: ResolvedServer, variable: string, origins: readonly InheritedOrigin[]): boolean {
  const { env, command = '', cwd, inherited } = server;
  if (typeof env === 'function' || Object.hasOwn(env, variable)) return true;
  const isInherited = inherited[variable] ?? readEnvFiles(cwd).some(({ variables }) => variable in variables);
  if (isInherited && !origins.some((each) => each.variable === variable)) return true;
  return withScripts([{ text: command, cwd }]).some(({ text }) => new RegExp(`\\b${variable}=`).test(text));
}

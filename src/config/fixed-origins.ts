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

/** All of a text, or what it begins with: `connect-src http://…` of a policy leads nowhere. */
const LITERAL =
  /(['"`])((?:(https?|wss?):\/\/|\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d+))\b([^'"`\s]*)\1/g;
/** Who may ask, and not who is asked: `allowedOrigins: ['http://localhost:3000']`. */
const ALLOWED = /(?:allow|cors|origins?\b|remotePatterns|domains|hosts\b|site\b)[\w-]*['"]?\s*[:=]\s*\[?[^:[\]{}]*$/i;

export function fixedOrigins(stacks: Searched): FixedOrigin[] {
  const { variants, developmentServers } = stacks;
  if (developmentServers.size === 0) return [];
  const servers = [...variants.values()].flatMap((variant) => variant.servers);
  /** By file: all that read it. */
  const readers = new Map<string, ResolvedServer[]>();
  for (const server of servers) {
    if (server.command === undefined) continue;
    for (const path of new Set(frontEndConfigs({ text: server.command, cwd: server.cwd }))) {
      readers.set(path, [...(readers.get(path) ?? []), server]);
    }
  }
  const found = [...readers].flatMap(([path, all]) =>
    sourceFiles([], [path]).flatMap((file) => inFile(file, all, stacks)),
  );
  return [...new Map(found.map((each) => [each.where, each])).values()];
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

function inFile(
  { path, text }: { readonly path: string; readonly text: string },
  readers: readonly ResolvedServer[],
  { root, developmentServers, origins }: Searched,
): FixedOrigin[] {
  const isJson = path.endsWith('.json');
  return [...text.matchAll(LITERAL)].flatMap((match): FixedOrigin[] => {
    const [, , origin = '', scheme, port = '', rest = ''] = match;
    const name = developmentServers.get(port);
    const others = readers.filter((server) => server.name !== name);
    const before = text.slice(Math.max(0, match.index - 200), match.index);
    if (name === undefined || others.length === 0 || isAllowList(before)) return [];
    if (basename(path) === 'package.json' && !/"proxy"\s*:\s*$/.test(before)) return [];
    const variables = isJson ? undefined : variablesBefore(text, match.index);
    if (variables?.some((variable) => others.some((server) => isSet(server, variable, origins)))) return [];
    const variable = variables?.at(-1) ?? `${name.replace(/\W/g, '_').toUpperCase()}_URL`;
    const value = scheme?.startsWith('http') ? `{url:${name}}` : `${origin.replace(/\d+$/, '')}{port:${name}}`;
    const env = `in server "${others[0]?.name}": env: { ${variable}: '${value}' }`;
    const fallback = `process.env.${variable} ?? '${origin}'`;
    const written = rest === '' ? fallback : `\`\${${fallback}}${rest}\``;
    const where = `${relative(root, path)}:${lineAt(text, match.index)}`;
    const of = `${origin}, your development server`;
    if (variables) return [{ where, what: `falls back to ${of}, as nothing sets ${variable}`, todo: `write ${env}` }];
    const todo = isJson ? `write it in ${instead(path)}, as ${fallback}` : `write ${written} there`;
    return [{ where, what: `names ${of}`, todo: `${todo}, and ${env}` }];
  });
}

function isAllowList(before: string): boolean {
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

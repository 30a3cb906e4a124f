// What a Playwright config says that matters here: its servers, its base URL, its tests, its workers; whether it has
// `withStacks()` already.
import { lineAt } from '../../config/source-files.ts';
import { type Exported, exportedBy } from './exported.ts';
import { type AnyNode, asksEnvironment, literal, nameOf, type Program, parse, property, staticValue } from './parse.ts';

export interface WebServerVariable {
  /** Where no variable of the environment says otherwise. */
  readonly value: string;
  /** The expression, where one may. */
  readonly raw: string | undefined;
}

export interface WebServer {
  /** Undefined: it is not written there as plain text. */
  readonly command: string | undefined;
  /** As it may stand in a placeholder. */
  readonly name: string | undefined;
  readonly url: string | undefined;
  readonly port: number | undefined;
  readonly cwd: string | undefined;
  /** The source of what other keys hold that a slot's server has, too: `timeout`. */
  readonly rest: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, WebServerVariable>>;
  /** Something in it is computed, so that only the config itself can say what it is. */
  readonly isComputed: boolean;
}

export interface PlaywrightConfig {
  readonly program: Program;
  readonly exported: Exported;
  readonly webServers: readonly WebServer[];
  /** It has a `webServer` that cannot be read from the text alone. */
  readonly hasOtherServers: boolean;
  /** The line on which it asks for one worker. */
  readonly oneWorker: number | undefined;
  readonly globalSetup: number | undefined;
}

export type ReadConfig =
  | { readonly kind: 'read'; readonly config: PlaywrightConfig }
  | { readonly kind: 'done' }
  /** Why it cannot be edited, as the end of a sentence. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** @param text without its byte order mark */
export async function readPlaywrightConfig(text: string): Promise<ReadConfig> {
  let program: Program;
  try {
    program = await parse(text);
  } catch (error) {
    return { kind: 'unknown', reason: `it cannot be parsed: ${error instanceof Error ? error.message : error}` };
  }
  if (usesStacks(program)) return { kind: 'done' };
  const exported = exportedBy(program);
  if (typeof exported === 'string') return { kind: 'unknown', reason: exported };
  const of = (name: string) =>
    exported.objects.map((object) => property(object, name)).find((node) => node !== undefined);
  const webServer = of('webServer');
  const entries = webServer?.type === 'ArrayExpression' ? (webServer.elements as (AnyNode | null)[]) : [webServer];
  const read = entries.flatMap((entry) =>
    entry?.type === 'ObjectExpression' ? [webServerOf(entry, text, program)] : [],
  );
  const lineOf = (node: AnyNode | undefined) => (node === undefined ? undefined : lineAt(text, node.start));
  const workers = of('workers');
  const asksForOne = workers !== undefined && /(?<![\w.])1(?![\w.])/.test(text.slice(workers.start, workers.end));
  return {
    kind: 'read',
    config: {
      program,
      exported,
      webServers: read,
      hasOtherServers:
        exported.mayHaveElsewhere('webServer') || (webServer !== undefined && read.length < entries.length),
      oneWorker: asksForOne ? lineOf(workers) : undefined,
      globalSetup: lineOf(of('globalSetup')),
    },
  };
}

/** Keys of `webServer` whose value is copied as it is written. */
const COPIED = ['timeout', 'ignoreHTTPSErrors', 'stdout', 'stderr', 'gracefulShutdown', 'wait'];
const READ = ['command', 'name', 'url', 'port', 'cwd', 'env', 'reuseExistingServer', ...COPIED];

function webServerOf(node: AnyNode, text: string, program: Program): WebServer {
  const own = (node.properties as AnyNode[]).map(({ key, type }) =>
    type === 'Property' ? nameOf(key as AnyNode) : undefined,
  );
  const [command, name, url, cwd] = ['command', 'name', 'url', 'cwd'].map((key) => {
    const value = staticValue(property(node, key), program);
    return value === undefined ? undefined : String(value);
  });
  // Another folder, or another command: only the config itself can say.
  const isElsewhere = own.includes(undefined) || (property(node, 'cwd') !== undefined && cwd === undefined);
  const port = Number(staticValue(property(node, 'port'), program));
  const env = property(node, 'env');
  const variables = env?.type === 'ObjectExpression' ? (env.properties as AnyNode[]) : [];
  const pairs = variables.map((each) => {
    if (each.type !== 'Property') return [undefined, undefined] as const;
    const node = each.value as AnyNode;
    const value = staticValue(node, program);
    const raw = asksEnvironment(node, program) ? text.slice(node.start, node.end) : undefined;
    return [nameOf(each.key as AnyNode), value === undefined ? undefined : { value: String(value), raw }] as const;
  });
  const known = pairs.flatMap(([key, value]) =>
    typeof key === 'string' && value !== undefined ? [[key, value] as const] : [],
  );
  const unknownEnv = env !== undefined && (env.type !== 'ObjectExpression' || known.length < pairs.length);
  return {
    ...{ command: isElsewhere ? undefined : command, cwd },
    name: name?.trim().replace(/[^\w-]+/g, '-'),
    url: url ?? endOfTemplate(property(node, 'url')),
    port: Number.isInteger(port) ? port : undefined,
    rest: Object.fromEntries(
      COPIED.flatMap((key) => {
        const value = property(node, key);
        return value === undefined ? [] : [[key, text.slice(value.start, value.end)]];
      }),
    ),
    env: Object.fromEntries(known),
    isComputed: command === undefined || unknownEnv || own.some((key) => !READ.includes(String(key))),
  };
}

/** `${baseURL}/ping`: /ping is the server's, whatever comes before. */
function endOfTemplate(node: AnyNode | undefined): string | undefined {
  if (node?.type !== 'TemplateLiteral') return undefined;
  const last = (node.quasis as { readonly value: { readonly cooked?: string } }[]).at(-1)?.value.cooked;
  return last?.startsWith('/') ? last : undefined;
}

function usesStacks(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const { type, source, importKind, specifiers, callee, arguments: given } = node as AnyNode;
  if (type === 'ImportDeclaration') {
    const isOurs = literal(source as AnyNode) === 'playwright-stacks' && importKind !== 'type';
    return isOurs && (specifiers as AnyNode[]).some((each) => each.importKind !== 'type');
  }
  if (type === 'CallExpression' && nameOf(callee as AnyNode) === 'require') {
    return literal((given as AnyNode[])[0]) === 'playwright-stacks';
  }
  return Object.entries(node).some(([key, value]) => key !== 'loc' && usesStacks(value));
}

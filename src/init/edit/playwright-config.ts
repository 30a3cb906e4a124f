// What a Playwright config says that matters here: its servers, its base URL, its tests, its workers; whether it has
// `withStacks()` already.
import { lineAt } from '../../config/source-files.ts';
import { type Exported, exportedBy } from './exported.ts';
import { type AnyNode, literal, nameOf, type Program, parse, property } from './parse.ts';

export interface WebServer {
  /** Undefined: it is not written there as plain text. */
  readonly command: string | undefined;
  readonly name: string | undefined;
  readonly url: string | undefined;
  readonly port: number | undefined;
  readonly cwd: string | undefined;
  /** The source of what other keys hold that a slot's server has, too: `timeout`. */
  readonly rest: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Something in it is computed, so that only the config itself can say what it is. */
  readonly isComputed: boolean;
}

export interface PlaywrightConfig {
  readonly program: Program;
  readonly exported: Exported;
  readonly webServers: readonly WebServer[];
  /** It has a `webServer` that cannot be read from the text alone. */
  readonly hasOtherServers: boolean;
  readonly baseURL: string | undefined;
  readonly testDir: string | undefined;
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
  const read = entries.flatMap((entry) => (entry?.type === 'ObjectExpression' ? [webServerOf(entry, text)] : []));
  const lineOf = (node: AnyNode | undefined) => (node === undefined ? undefined : lineAt(text, node.start));
  const workers = of('workers');
  const asksForOne = workers !== undefined && /(?<![\w.])1(?![\w.])/.test(text.slice(workers.start, workers.end));
  return {
    kind: 'read',
    config: {
      program,
      exported,
      webServers: read,
      hasOtherServers: webServer !== undefined && read.length < entries.length,
      baseURL: textIn(property(of('use'), 'baseURL')),
      testDir: textIn(of('testDir')),
      oneWorker: asksForOne ? lineOf(workers) : undefined,
      globalSetup: lineOf(of('globalSetup')),
    },
  };
}

/** Keys of `webServer` whose value is copied as it is written. */
const COPIED = ['timeout', 'ignoreHTTPSErrors', 'stdout', 'stderr', 'gracefulShutdown', 'wait'];
const READ = ['command', 'name', 'url', 'port', 'cwd', 'env', 'reuseExistingServer', ...COPIED];

function webServerOf(node: AnyNode, text: string): WebServer {
  const own = (node.properties as AnyNode[]).map(({ key, type }) =>
    type === 'Property' ? nameOf(key as AnyNode) : undefined,
  );
  const env = property(node, 'env');
  const variables = env?.type === 'ObjectExpression' ? (env.properties as AnyNode[]) : [];
  const pairs = variables.map(
    (each) => [nameOf((each.key ?? each) as AnyNode), literal(each.value as AnyNode)] as const,
  );
  const isPlain = pairs.every(([name, value]) => typeof name === 'string' && typeof value === 'string');
  const isRead = ['command', 'name', 'url', 'port', 'cwd'].every(
    (name) => property(node, name) === undefined || literal(property(node, name)) !== undefined,
  );
  const port = literal(property(node, 'port'));
  return {
    command: textIn(property(node, 'command')),
    name: textIn(property(node, 'name')),
    url: textIn(property(node, 'url')),
    port: typeof port === 'number' ? port : undefined,
    cwd: textIn(property(node, 'cwd')),
    rest: Object.fromEntries(
      COPIED.flatMap((name) => {
        const value = property(node, name);
        return value === undefined ? [] : [[name, text.slice(value.start, value.end)]];
      }),
    ),
    env: isPlain ? Object.fromEntries(pairs as [string, string][]) : {},
    isComputed:
      !isRead ||
      (env !== undefined && (env.type !== 'ObjectExpression' || !isPlain)) ||
      own.some((name) => !READ.includes(String(name))),
  };
}

function usesStacks(program: Program): boolean {
  return (program.body as unknown as AnyNode[]).some(({ type, source, declarations }) => {
    if (type === 'ImportDeclaration') return literal(source as AnyNode) === 'playwright-stacks';
    if (type !== 'VariableDeclaration') return false;
    return (declarations as AnyNode[]).some(({ init }) => {
      const call = init as AnyNode | null;
      const [name] = call?.type === 'CallExpression' ? (call.arguments as AnyNode[]) : [];
      return nameOf((call?.callee ?? {}) as AnyNode) === 'require' && literal(name) === 'playwright-stacks';
    });
  });
}

function textIn(node: AnyNode | undefined): string | undefined {
  const value = literal(node);
  return typeof value === 'string' ? value : undefined;
}

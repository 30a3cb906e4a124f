// What the config in a folder says of the run's Postgres, as far as it stands there as plain text: nothing is run.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type AnyNode,
  constantOf,
  nameOf,
  type Program,
  parse,
  property,
  staticValue,
  unwrapped,
} from '../init/edit/parse.ts';
import { usualConfig } from '../init/find-config.ts';
import type { BinariesChoice } from '../postgres/embedded/binaries.ts';

export interface ConfiguredPostgres {
  /** The path of the database's options. */
  readonly option: string;
  readonly choice: BinariesChoice;
  readonly extensions: readonly string[];
}

const NOTHING: ConfiguredPostgres = { option: 'database', choice: {}, extensions: [] };

export async function configuredPostgres(folder: string): Promise<ConfiguredPostgres> {
  const path = usualConfig(folder);
  try {
    if (path === undefined) return NOTHING;
    const program = await parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    const options = optionsIn(program, program);
    const main = property(property(options, 'databases'), 'main');
    const database = property(options, 'database') ?? main;
    const [binaries] = textsOf(property(database, 'binaries'), program);
    const absolute = (each: string) => resolve(dirname(path), each);
    return {
      option: main === database && main !== undefined ? 'databases.main' : 'database',
      choice: {
        ...(binaries !== undefined && { binaries: absolute(binaries) }),
        extensionPath: textsOf(property(database, 'extensionPath'), program).map(absolute),
      },
      extensions: textsOf(property(database, 'extensions'), program),
    };
  } catch {
    return NOTHING; // What is wrong with the config, Playwright says.
  }
}

/** The second argument of the first `withStacks(config, options)`. */
function optionsIn(node: unknown, program: Program): AnyNode | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const { type, callee, arguments: given } = node as AnyNode;
  if (type === 'CallExpression' && nameOf(callee as AnyNode) === 'withStacks') {
    const [, options] = given as AnyNode[];
    const written = options?.type === 'Identifier' ? constantOf(options.name, program) : options;
    return written && unwrapped(written);
  }
  for (const [key, value] of Object.entries(node)) {
    const found = key === 'loc' ? undefined : optionsIn(value, program);
    if (found) return found;
  }
  return undefined;
}

/** Of a text, or of a list of them. */
function textsOf(node: AnyNode | undefined, program: Program): string[] {
  const all = node?.type === 'ArrayExpression' ? (node.elements as (AnyNode | null)[]) : [node];
  return all.map((each) => staticValue(each ?? undefined, program)).filter((text) => typeof text === 'string');
}

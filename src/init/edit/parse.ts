// A config's source as a tree, which is only read: edits are made in the text. The parser is loaded for `init` alone.
import type { Node, Program } from 'acorn';

export type { Node, Program };

/** A node of which any property may be asked for. */
export type AnyNode = Node & Readonly<Record<string, unknown>>;

/** @throws SyntaxError with the line, where it is neither JavaScript nor TypeScript */
export async function parse(text: string): Promise<Program> {
  const [{ Parser }, { tsPlugin }] = await Promise.all([import('acorn'), import('@sveltejs/acorn-typescript')]);
  const parser = Parser.extend(tsPlugin() as never);
  const options = { ecmaVersion: 'latest', locations: true, allowHashBang: true } as const;
  try {
    return parser.parse(text, { ...options, sourceType: 'module' });
  } catch (error) {
    try {
      return parser.parse(text, { ...options, sourceType: 'script', allowReturnOutsideFunction: true });
    } catch {
      throw error; // What modern JavaScript says of it tells more.
    }
  }
}

/** Without what types and parentheses put around an expression. */
export function unwrapped(node: AnyNode): AnyNode {
  const isType = /^(TSAsExpression|TSSatisfiesExpression|TSTypeAssertion|TSNonNullExpression|ParenthesizedExpression)$/;
  return isType.test(node.type) ? unwrapped(node.expression as AnyNode) : node;
}

/** A property's value; undefined: the object literal has none of its own that can be read. */
export function property(object: AnyNode | undefined, name: string): AnyNode | undefined {
  if (object?.type !== 'ObjectExpression') return undefined;
  for (const each of object.properties as AnyNode[]) {
    if (each.type === 'Property' && !each.computed && nameOf(each.key as AnyNode) === name) {
      return unwrapped(each.value as AnyNode);
    }
  }
  return undefined;
}

/** What a literal holds: also a template without expressions. */
export function literal(node: AnyNode | undefined): unknown {
  if (node?.type === 'Literal') return node.value;
  if (node?.type !== 'TemplateLiteral' || (node.expressions as unknown[]).length > 0) return undefined;
  const [quasi] = node.quasis as { readonly value: { readonly cooked?: string } }[];
  return quasi?.value.cooked;
}

export function nameOf(key: AnyNode): unknown {
  return key.type === 'Identifier' ? key.name : literal(key);
}

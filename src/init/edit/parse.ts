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

const MOST_STEPS = 10;

/**
 * What an expression comes to where no variable of the environment says otherwise: `process.env.PORT ?? 3000`, a template,
 * a constant of the file's. Undefined: that cannot be told.
 */
export function staticValue(
  node: AnyNode | undefined,
  program: Program,
  steps: number = MOST_STEPS,
): string | number | undefined {
  if (node === undefined || steps === 0) return undefined;
  const plain = unwrapped(node);
  const of = (each: unknown) => staticValue(each as AnyNode, program, steps - 1);
  switch (plain.type) {
    case 'Literal':
      return typeof plain.value === 'string' || typeof plain.value === 'number' ? plain.value : undefined;
    case 'TemplateLiteral': {
      const values = (plain.expressions as AnyNode[]).map(of);
      const texts = (plain.quasis as { readonly value: { readonly cooked?: string } }[]).map(
        ({ value }) => value.cooked,
      );
      if (values.includes(undefined) || texts.includes(undefined)) return undefined;
      return texts.map((text, index) => `${text}${values[index] ?? ''}`).join('');
    }
    case 'BinaryExpression': {
      const [left, right] = [of(plain.left), of(plain.right)];
      return plain.operator === '+' && typeof left === 'string' && right !== undefined ? left + right : undefined;
    }
    case 'LogicalExpression':
      return plain.operator !== '&&' && isOfEnvironment(plain.left as AnyNode) ? of(plain.right) : undefined;
    case 'CallExpression': {
      const value = of((plain.arguments as AnyNode[])[0]);
      const name = nameOf(plain.callee as AnyNode);
      if (value === undefined) return undefined;
      return name === 'Number' ? Number(value) : name === 'String' ? String(value) : undefined;
    }
    case 'Identifier':
      return of(constantOf(plain.name, program));
    default:
      return undefined;
  }
}

/** Whether a variable of the environment may say otherwise. */
export function asksEnvironment(node: AnyNode | undefined, program: Program, steps: number = MOST_STEPS): boolean {
  if (node === undefined || steps === 0) return false;
  if (isOfEnvironment(node)) return true;
  if (node.type === 'Identifier') return asksEnvironment(constantOf(node.name, program), program, steps - 1);
  return Object.values(node).some((value) => {
    const all = (Array.isArray(value) ? value : [value]) as unknown[];
    return all.some(
      (each) => typeof Object(each).type === 'string' && asksEnvironment(each as AnyNode, program, steps - 1),
    );
  });
}

/** What a `const` at the top level is set to. */
export function constantOf(name: unknown, program: Program): AnyNode | undefined {
  const declared = (program.body as unknown as AnyNode[]).flatMap((statement) => {
    const isExported = statement.type === 'ExportNamedDeclaration';
    const declaration = isExported ? (statement.declaration as AnyNode | null) : statement;
    return declaration?.type === 'VariableDeclaration' ? (declaration.declarations as AnyNode[]) : [];
  });
  return (declared.find(({ id }) => nameOf(id as AnyNode) === name)?.init as AnyNode | null | undefined) ?? undefined;
}

/** `process.env.PORT`, `process.env['PORT']`. */
function isOfEnvironment({ type, object }: AnyNode): boolean {
  const whole = object as AnyNode | undefined;
  return (
    type === 'MemberExpression' && whole?.type === 'MemberExpression' && nameOf(whole.property as AnyNode) === 'env'
  );
}

export function nameOf(key: AnyNode): unknown {
  return key.type === 'Identifier' ? key.name : literal(key);
}

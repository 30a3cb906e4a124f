// What a Playwright config exports, in any of the shapes that it is written in.
import { type AnyNode, constantOf, nameOf, type Program, unwrapped } from './parse.ts';

export interface Exported {
  /** Where the exported expression is in the text. */
  readonly start: number;
  readonly end: number;
  readonly module: 'esm' | 'commonjs';
  /** `export { config as default }`: the statement, which has another form when the expression is wrapped. */
  readonly statement?: { readonly start: number; readonly end: number };
  /** Its object literals, that of which properties win first. */
  readonly objects: readonly AnyNode[];
  /** Any of its keys may come from what is not written here: a spread, an import, a function, an assignment. */
  readonly mayHaveElsewhere: (key: string) => boolean;
}

/** A sentence instead: why it cannot be told. */
export function exportedBy(program: Program): Exported | string {
  const found = (program.body as unknown as AnyNode[]).flatMap((statement) => exportOf(statement));
  const [only, ...more] = found;
  if (only === undefined) return 'it has no `export default` and no `module.exports =` of its own at the top level';
  if (more.length > 0 || changesLater(program)) return 'it sets what it exports in more than one place';
  if (typeof only === 'string') return only;
  const { node, ...rest } = only;
  if (/^(Arrow)?Function(Expression|Declaration)$|^Class/.test(node.type))
    return 'it exports a function, which Playwright does not call';
  const parts = partsOf(node, program);
  return {
    ...{ start: node.start, end: node.end, ...rest },
    objects: parts.filter((part) => part !== UNKNOWN),
    mayHaveElsewhere: (key) => isAssigned(program, key) || mayComeFrom(parts, key),
  };
}

type Found = Pick<Exported, 'module' | 'statement'> & { readonly node: AnyNode };

function exportOf(statement: AnyNode): (Found | string)[] {
  if (statement.type === 'ExportDefaultDeclaration') return [{ node: statement.declaration as AnyNode, module: 'esm' }];
  if (statement.type === 'TSExportAssignment') return [{ node: statement.expression as AnyNode, module: 'commonjs' }];
  if (statement.type === 'ExportNamedDeclaration') {
    const specifiers = (statement.specifiers as AnyNode[]) ?? [];
    const named = specifiers.find(({ exported }) => nameOf(exported as AnyNode) === 'default');
    if (!named) return [];
    if (statement.source !== null) return ['its default export is that of another file'];
    if (specifiers.length > 1) return ['its default export stands in a list with others'];
    const { start, end } = statement;
    return [{ node: named.local as AnyNode, module: 'esm', statement: { start, end } }];
  }
  const assigned = statement.type === 'ExpressionStatement' ? (statement.expression as AnyNode) : undefined;
  if (assigned?.type !== 'AssignmentExpression' || assigned.operator !== '=') return [];
  const target = assigned.left as AnyNode;
  if (pathOf(target) === 'module.exports' || pathOf(target) === 'exports.default') {
    return [{ node: assigned.right as AnyNode, module: 'commonjs' }];
  }
  return [];
}

/** `if (…) module.exports = …`, `module.exports.use = …` */
function changesLater(program: Program): boolean {
  const hidden = (node: unknown, isTop: boolean): boolean => {
    if (typeof node !== 'object' || node === null) return false;
    if (Array.isArray(node)) return node.some((each) => hidden(each, isTop));
    const each = node as AnyNode;
    if (each.type === 'AssignmentExpression') {
      const path = pathOf(each.left as AnyNode);
      if (path === 'module.exports' ? !isTop : path?.startsWith('module.exports.')) return true;
    }
    const goesOn = each.type === 'Program' || each.type === 'ExpressionStatement';
    return Object.entries(each).some(([key, value]) => key !== 'loc' && hidden(value, isTop && goesOn));
  };
  return hidden(program, true);
}

function pathOf(node: AnyNode): string | undefined {
  if (node.type === 'Identifier') return String(node.name);
  if (node.type !== 'MemberExpression' || node.computed) return undefined;
  const object = pathOf(node.object as AnyNode);
  return object === undefined ? undefined : `${object}.${nameOf(node.property as AnyNode)}`;
}

const MOST_STEPS = 5;

const UNKNOWN = 'unknown';

/** Whether something unknown wins over what is written, or stands for it. */
function mayComeFrom(parts: readonly (AnyNode | typeof UNKNOWN)[], wanted: string): boolean {
  for (const part of parts) {
    if (part === UNKNOWN) return true;
    for (const { type, computed, key } of (part.properties as AnyNode[]).toReversed()) {
      if (type !== 'Property' || computed) return true;
      if (nameOf(key as AnyNode) === wanted) return false;
    }
  }
  return false;
}

/** `config.webServer = …`, `Object.assign(config, …)` */
function isAssigned(node: unknown, wanted: string): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const { type, left, callee } = node as AnyNode;
  if (type === 'AssignmentExpression') {
    const target = left as AnyNode;
    const isIt = target.type === 'MemberExpression' && nameOf(target.property as AnyNode) === wanted;
    if (isIt || (target.type === 'MemberExpression' && target.computed)) return true;
  }
  if (type === 'CallExpression' && pathOf(callee as AnyNode) === 'Object.assign') return true;
  return Object.entries(node).some(([key, value]) => key !== 'loc' && isAssigned(value, wanted));
}

/** `defineConfig(base, { … })`: later ones win. */
function partsOf(node: AnyNode, program: Program, steps = MOST_STEPS): (AnyNode | typeof UNKNOWN)[] {
  const plain = unwrapped(node);
  if (steps === 0) return [UNKNOWN];
  if (plain.type === 'ObjectExpression') return [plain];
  if (plain.type === 'CallExpression') {
    const name = String(pathOf(plain.callee as AnyNode) ?? '');
    const parts = (plain.arguments as AnyNode[]).toReversed().flatMap((each) => partsOf(each, program, steps - 1));
    return /(?:^|\.)defineConfig$/.test(name) ? parts : [UNKNOWN, ...parts];
  }
  if (plain.type !== 'Identifier') return [UNKNOWN];
  const own = constantOf(plain.name, program);
  return own ? partsOf(own, program, steps - 1) : [UNKNOWN];
}

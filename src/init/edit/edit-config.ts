// Puts `withStacks(…, options)` around what a config exports, and its import beside the others: nothing else is touched.
import type { Edit } from './edits.ts';
import type { Exported } from './exported.ts';
import { type OptionTree, optionsText } from './options-text.ts';
import { type AnyNode, nameOf, type Program } from './parse.ts';
import type { PlaywrightConfig } from './playwright-config.ts';
import type { Style } from './style.ts';

export function editConfig(text: string, config: PlaywrightConfig, options: OptionTree, style: Style): Edit[] {
  const { exported, program } = config;
  const end = `, ${optionsText(options, style)})`;
  const { statement } = exported;
  const wrapped = text.slice(exported.start, exported.end);
  const wraps: Edit[] = statement
    ? [{ ...statement, text: `export default withStacks(${wrapped}${end}${style.semicolon}` }]
    : [
        { start: exported.start, end: exported.start, text: 'withStacks(' },
        { start: exported.end, end: exported.end, text: end },
      ];
  return [importEdit(text, program, exported, style), ...wraps].sort((a, b) => a.start - b.start);
}

function importEdit(text: string, program: Program, exported: Exported, style: Style): Edit {
  const { quote, semicolon, eol } = style;
  const body = program.body as unknown as AnyNode[];
  const imports = body.filter(({ type }) => type === 'ImportDeclaration' || type === 'TSImportEqualsDeclaration');
  // What is below the export has not run when it is needed.
  const requires = body.filter((node) => isRequire(node) && node.end <= exported.start);
  // A file that has imports has them compiled, whatever it exports by.
  const isImport = imports.length > 0 || (exported.module === 'esm' && requires.length === 0);
  const line = isImport
    ? `import { withStacks } from ${quote}playwright-stacks${quote}${semicolon}`
    : `const { withStacks } = require(${quote}playwright-stacks${quote})${semicolon}`;
  const last = (isImport ? imports : requires).at(-1);
  if (last) {
    const index = endOfLine(text, last.end);
    const isWhole = /^(?:\r?\n|$)/.test(text.slice(index));
    return insertion(index, isWhole ? `${eol}${line}` : `${eol}${line.replace(/;?$/, ';')}${eol}`);
  }
  const first = body.find((node) => node.directive === undefined);
  return insertion(aboveComment(text, first?.start ?? text.length), `${line}${eol}${eol}`);
}

function insertion(index: number, text: string): Edit {
  return { start: index, end: index, text };
}

/** Where the line ends, where nothing but a comment is left on it; else `index`. */
function endOfLine(text: string, index: number): number {
  const rest = /^[;\t ]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/[ \t]*)?(?=\r?\n|$)/.exec(text.slice(index));
  return index + (rest?.[0].length ?? 0);
}

/** A type in a comment belongs to what follows it. */
function aboveComment(text: string, index: number): number {
  const comment = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/[ \t]*\r?\n?[ \t]*$/.exec(text.slice(0, index));
  return comment ? comment.index : index;
}

function isRequire({ type, declarations }: AnyNode): boolean {
  if (type !== 'VariableDeclaration') return false;
  return (declarations as AnyNode[]).every(({ init }) => {
    let call = init as AnyNode | null;
    while (call?.type === 'MemberExpression') call = call.object as AnyNode;
    return call?.type === 'CallExpression' && nameOf(call.callee as AnyNode) === 'require';
  });
}

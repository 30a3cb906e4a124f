// The comments of the options' types, as data. Reads what this project writes, no more of TypeScript than that.
import { readFileSync } from 'node:fs';

export interface OptionComment {
  readonly name: string;
  /** Markdown. */
  readonly text: string;
  /** As it is written after `@default`. */
  readonly default: string;
  readonly examples: readonly string[];
}

/** The options that `interface ${type}` declares in `file`, without those that it inherits. */
export function optionComments(file: URL, type: string): OptionComment[] {
  const source = readFileSync(file, 'utf8');
  const body = source.match(new RegExp(`^export interface ${type}\\b.*?\\{\\n(.*?)^\\}`, 'ms'))?.[1];
  if (body === undefined) throw new Error(`${file} declares no interface ${type}`);
  const members = [...body.matchAll(/^ {2}\/\*\*(.*?)\*\/\n {2}(?:readonly )?(\w+)\??:/gms)];
  const declared = body.match(/^ {2}(readonly )?\w+\??:/gm) ?? [];
  if (members.length !== declared.length) throw new Error(`an option of ${type} has no comment`);
  return members.map(([, comment = '', name = '']) => readComment(name, comment));
}

function readComment(name: string, comment: string): OptionComment {
  const [text = '', ...tags] = comment
    .replace(/^ *\* ?/gm, '')
    .trim()
    .split(/^@/m);
  const tagged = (tag: string) =>
    tags.filter((each) => each.startsWith(`${tag} `)).map((each) => oneLine(each.slice(tag.length + 1)));
  return { name, text: text.trim(), default: tagged('default').join(), examples: tagged('example') };
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

// Reads a file as psql does: statements with their COPY data, and backslash commands. What variables stand for is seen later.

export type Item =
  /** `ends`: a command that ends it instead of a semicolon, such as \gset. */
  | {
      readonly kind: 'sql';
      readonly text: string;
      readonly ends: Command | undefined;
      readonly data: string | undefined;
    }
  | ({ readonly kind: 'command' } & Command);

export interface Command {
  readonly name: string;
  readonly rest: string;
}

/** Commands that send what was typed so far. */
const SENDS = /^(g|gset|gx|gexec|gdesc|crosstabview|bind|bind_named|parse|watch|sendpipeline)$/;
const COPY_IN = /^\s*copy\b[^;]*\bfrom\s+(?:std|pst)in\b/i;

export function readScript(source: string): Item[] {
  const items: Item[] = [];
  let text = '';
  let depth = 0; // Of parentheses, and of BEGIN ATOMIC … END.
  let at = 0;
  const send = (ends: Command | undefined): void => {
    const copies = COPY_IN.test(stripComments(text));
    let data: string | undefined;
    if (copies) {
      const from = source.indexOf('\n', at) + 1;
      const end = /^\\\.\r?$/m.exec(source.slice(from));
      data = source.slice(from, end ? from + end.index : source.length);
      at = end ? from + end.index + end[0].length : source.length;
    }
    if (stripComments(text).trim() !== '') items.push({ kind: 'sql', text: text.trim(), ends, data });
    text = '';
    depth = 0;
  };
  while (at < source.length) {
    const rest = source.slice(at, at + 4000);
    const token = TOKEN.exec(rest)?.[0] ?? rest.charAt(0);
    if (token.startsWith('$') && token.endsWith('$') && token.length > 1) {
      const end = source.indexOf(token, at + token.length);
      const until = end < 0 ? source.length : end + token.length;
      text += source.slice(at, until);
      at = until;
    } else if (token.startsWith('/*')) {
      const until = endOfComment(source, at);
      text += source.slice(at, until);
      at = until;
    } else if (QUOTE.test(token)) {
      const until = endOfQuote(source, at + token.length - 1, /^e/i.test(token));
      text += source.slice(at, until);
      at = until;
    } else if (token === '\\;') {
      text += ';';
      at += 2;
    } else if (token.startsWith('\\')) {
      const line = source.slice(at, lineEnd(source, at));
      const name = token.slice(1);
      // Some statements have several on one line.
      const next = name === 'gset' || SENDS.test(name) ? line.indexOf('\\', 1) : -1;
      const own = next > 0 ? line.slice(0, next) : line;
      at += own.length;
      const command = { name, rest: own.slice(token.length).trim() };
      if (name === 'copy' && /\b(?:std|pst)(?:in|out)\b/i.test(own)) {
        text = own.slice(1);
        send(undefined);
      } else if (SENDS.test(name)) send(command);
      else items.push({ kind: 'command', ...command });
      if (name === 'r' || name === 'reset') text = '';
    } else {
      at += token.length;
      if (token === ';' && depth <= 0) send(undefined);
      else text += token;
      if (token === '(') depth++;
      if (token === ')') depth--;
      if (/^begin\s+atomic$/i.test(token)) depth += 1000;
      if (depth >= 1000 && /^case$/i.test(token)) depth += 1000;
      if (depth >= 1000 && /^end$/i.test(token)) depth -= 1000;
    }
  }
  send(undefined);
  return items;
}

const TOKEN =
  /^(?:--[^\n]*|\/\*|\\;|\\[a-zA-Z_?!.]+|\\|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[eE]'|'|"|begin\s+atomic\b|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\s+)/i;
const QUOTE = /^(?:[eE]?'|")$/;

function lineEnd(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
}

/** `at`: of the quote that opens. */
function endOfQuote(source: string, at: number, escapes: boolean): number {
  const quote = source.charAt(at);
  for (let i = at + 1; i < source.length; i++) {
    if (escapes && source.charAt(i) === '\\') i++;
    else if (source.charAt(i) === quote) {
      if (source.charAt(i + 1) !== quote) return i + 1;
      i++;
    }
  }
  return source.length;
}

function endOfComment(source: string, at: number): number {
  let depth = 0;
  for (const { 0: mark, index } of source.slice(at).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return at + index + 2;
  }
  return source.length;
}

export function stripComments(text: string): string {
  return text.replace(/^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
}

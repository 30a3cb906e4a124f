// psql's variables: :name, :'name', :"name" and :{?name} outside of quotes; \set, \getenv, \gset and \if.
import { ident, literal } from '../names.ts';

export class Variables {
  readonly #values: Map<string, string>;

  constructor(values: Iterable<readonly [string, string]>) {
    this.#values = new Map(values);
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** `\set name part part`, `\unset name`, `\getenv name variable`. */
  apply(command: string, rest: string): void {
    const [name = '', ...parts] = rest.match(/'(?:[^']|'')*'|\S+/g) ?? [];
    if (command === 'unset') this.#values.delete(name);
    else if (command === 'getenv') this.set(name, this.#values.get(parts[0] ?? '') ?? '');
    else this.set(name, parts.map((part) => this.#word(part)).join(''));
  }

  isTrue(condition: string): boolean {
    return /^(?:true|on|1|yes|t|y)$/i.test(this.#word(condition.trim()));
  }

  in(text: string): string {
    return text.replace(
      PARTS,
      (
        whole,
        _tag: string | undefined,
        quote: string | undefined,
        quoted: string | undefined,
        plain: string | undefined,
      ) => {
        const name = quoted ?? plain;
        const exists = /^:\{\?(\w+)\}$/.exec(whole);
        if (exists) return this.#values.has(exists[1] ?? '') ? 'TRUE' : 'FALSE';
        const value = name === undefined ? undefined : this.#values.get(name);
        if (value === undefined) return whole;
        return quote === "'" ? literal(value) : quote === '"' ? ident(value) : value;
      },
    );
  }

  #word(part: string): string {
    if (part.startsWith("'")) return part.slice(1, -1).replaceAll("''", "'").replaceAll('\\n', '\n');
    const name = /^:(?:'(\w+)'|"(\w+)"|(\w+))$/.exec(part);
    return name ? (this.#values.get(name[1] ?? name[2] ?? name[3] ?? '') ?? part) : this.in(part);
  }
}

// Strings, comments and casts are passed over.
const PARTS =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|::|:=|:\{\?\w+\}|:(['"])(\w+)\2|:([A-Za-z_]\w*)/g;

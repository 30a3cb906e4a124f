// How a file is written: what is added to it is written in the same way.

export interface Style {
  readonly quote: "'" | '"';
  readonly semicolon: ';' | '';
  /** One step of indentation. */
  readonly indent: string;
  readonly eol: '\n' | '\r\n';
}

export const USUAL_STYLE: Style = { quote: "'", semicolon: ';', indent: '  ', eol: '\n' };

export function styleOf(text: string): Style {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const imports = /\b(?:from|require\()\s*(['"])/.exec(text)?.[1];
  const quote = imports === '"' || imports === "'" ? imports : count(/"/g) > count(/'/g) ? '"' : "'";
  const withoutIt = count(/^(?:import\b.*|.*\brequire\(.*\)|[})\]]+)(?<!;)\r?$/gm);
  const with_ = count(/;[ \t]*\r?$/gm);
  const steps = [...text.matchAll(/^(\t+| +)\S/gm)].map(([, step = '']) => step);
  const narrowest = steps.filter((step) => step.length > 1).sort((a, b) => a.length - b.length)[0];
  return {
    quote,
    semicolon: with_ === 0 && withoutIt > 0 ? '' : ';',
    indent: steps.some((step) => step.startsWith('\t')) ? '\t' : (narrowest?.slice(0, 4) ?? '  '),
    eol: /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n',
  };
}

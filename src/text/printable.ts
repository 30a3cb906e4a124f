// Text of others (titles, logs, names, SQL) on its way to a terminal, a CI log or an annotation: whatever a terminal or a
// CI runner would obey is shown instead, or left out where it is only colour.

/** Colours and cursor movements, and well-formed strings to the terminal (its title, hyperlinks). */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]{0,2000}(?:\x07|\x1b\\|\x9c)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const COLOUR = /^\x1b\[[0-9;:]*m$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const COLOURS = /(\x1b\[[0-9;:]*m)/;

/** Control characters but tab and line feed, line ends that only some readers know, and what reverses the order of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** What CI runners take for commands: GitHub's at a line's beginning, others anywhere. */
const LINE_COMMAND = /^([^\S\n]*)::/gm;
const COMMAND = /##(?=\[|vso\[|teamcity\[)/g;

/** Several lines: line feeds and tabs stay, colours are left out, all else that a terminal obeys is shown: `\x07`. */
export function printable(text: string): string {
  return shown(withoutColours(text));
}

/** A name or title within a line: line feeds are shown, too. */
export function printableName(text: string): string {
  return printable(text).replace(/[\n\t]/g, (character) => (character === '\n' ? '\\n' : '\\t'));
}

/** As `printable`, but colours stay, and end with the text. */
export function printableInColour(text: string): string {
  const parts = text.replace(SEQUENCES, (sequence) => (COLOUR.test(sequence) ? sequence : '')).split(COLOURS);
  // Every other one is a colour.
  const all = parts.map((part, index) => (index % 2 === 0 ? shown(part) : part)).join('');
  return parts.length > 1 ? `${all}\x1b[0m` : all;
}

export function withoutColours(text: string): string {
  return text.replace(SEQUENCES, '');
}

function shown(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(CONTROLS, escaped)
    .replace(LINE_COMMAND, '$1\\::')
    .replace(COMMAND, '#\\#');
}

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  if (character === '\r') return '\\r';
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
}

/** Data as JSON, whose strings say what a terminal or a CI runner would obey in JSON's own way. */
export function printableJson(value: unknown): string {
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  // Line feeds are between its lines; in strings they are escaped.
  return JSON.stringify(value, undefined, 2).replace(CONTROLS, code).replace(COMMAND, '#\\u0023');
}

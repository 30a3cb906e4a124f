// Names that ask for trouble: quoting, formats, the aliases of SQL that is generated, the longest there is.

export const NAMES: readonly string[] = [
  't',
  'Weird "Name"',
  `o'clock`,
  'select',
  '%s%I%%',
  '$u$',
  '~stk~r',
  'n',
  'img',
  'r',
  'ünï 🐘',
  'a.b',
  'stk',
  'i',
  'x'.repeat(63),
  'back\\slash',
];

/** The schema that every generated database has beside public. */
export const HOSTILE_SCHEMA = `we'ird "s$$%s`;

export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

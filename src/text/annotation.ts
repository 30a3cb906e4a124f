// What a GitHub runner shows beside a line of code: one line of its log, which it obeys. All of it is escaped, so that no
// title and no output of a server gets to say another.
import { printable } from './printable.ts';
import { redact } from './redact.ts';

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  /** Relative to the repository. */
  readonly file?: string | undefined;
  readonly line?: string | undefined;
  readonly message: string;
}

/** Characters of a message: GitHub shows about so many. */
const MOST = 4_000;

/** Without its line end. */
export function annotationLine({ level, message, ...properties }: Annotation): string {
  const all = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `${name}=${escaped(value ?? '')
          .replaceAll(':', '%3A')
          .replaceAll(',', '%2C')}`,
    );
  return `::${level} ${all.join(',')}::${escaped(message.slice(0, MOST))}`;
}

/** As GitHub's own toolkit does it. */
function escaped(text: string): string {
  const shown = printable(redact(text));
  return shown.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

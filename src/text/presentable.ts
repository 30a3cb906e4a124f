// Text of any size as people get to see it: without secrets, without what a terminal would obey, and cut in its middle.
import { printable, withoutColours } from './printable.ts';
import { redact } from './redact.ts';

/** Characters that a part of a message may have. */
const MOST = 4_000;

/**
 * What is looked at on each side of a cut, and then left out: a secret that a cut goes through cannot be recognised by what
 * is left of it, and most are shorter.
 */
export const MARGIN = 4_096;

/** A text that was cut is not cut again. */
const SHORTEST_CUT = 64;

/** The beginning and the end of a text, and how many characters between them are not there. */
export interface Ends {
  readonly head: string;
  readonly skipped: number;
  readonly tail: string;
}

/** @param most characters, of which the middle is left out where there are more */
export function presentable(text: string, most: number = MOST): string {
  return presentableEnds(endsOf(text, most), most);
}

/** Of `ends` that `endsOf`, or a reader that keeps as much, has made. */
export function presentableEnds({ head, skipped, tail }: Ends, most: number = MOST): string {
  if (skipped === 0) return printable(cut(withoutSecrets(head + tail), most));
  const [first, last] = [withoutSecrets(head).slice(0, -MARGIN), withoutSecrets(tail).slice(MARGIN)];
  return printable(`${first.slice(0, most / 2)}${gap(skipped + 2 * MARGIN)}${last.slice(-most / 2)}`);
}

/** How many characters of each end a reader keeps. */
export function keptAt(most: number): number {
  return most / 2 + MARGIN;
}

/** Of a text of `length` characters, of which `beginning` is at hand; its last MARGIN characters are not shown. */
export function presentableBeginning(beginning: string, length: number): string {
  // As Postgres counts them.
  const shown = [...withoutSecrets(beginning)].slice(0, -MARGIN).join('');
  return printable(`${shown}${gap(length - [...beginning].length + MARGIN).trimEnd()}`);
}

function endsOf(text: string, most: number): Ends {
  const kept = keptAt(most);
  const skipped = Math.max(0, text.length - 2 * kept);
  return { head: text.slice(0, kept), skipped, tail: text.slice(kept + skipped) };
}

/** Colours first: they may stand between a name and its value. */
function withoutSecrets(text: string): string {
  return redact(withoutColours(text));
}

function cut(text: string, most: number): string {
  const skipped = text.length - most;
  return skipped <= SHORTEST_CUT ? text : `${text.slice(0, most / 2)}${gap(skipped)}${text.slice(-most / 2)}`;
}

function gap(characters: number): string {
  return ` … (${characters} characters) … `;
}

// The one way to the terminal, or to the log of a CI run: nothing is written that has a secret, or that either would obey.
import { printable, printableInColour, withoutColours } from './printable.ts';
import { redact } from './redact.ts';

/** Writes whole lines to stdout: what a command was asked for. */
export function writeOut(text: string): void {
  process.stdout.write(safe(text));
}

/** Writes whole lines to stderr. */
export function writeError(text: string): void {
  process.stderr.write(safe(text));
}

/** @param colours `keep` them, where no secret is among them */
export function safe(text: string, colours: 'keep' | 'drop' = 'drop'): string {
  const plain = withoutColours(text);
  const shown = redact(plain);
  return colours === 'keep' && shown === plain ? printableInColour(text) : printable(shown);
}

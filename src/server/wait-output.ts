// Readiness by output, with the rule of Playwright's `webServer.wait`: the first match in either stream counts, and its
// named groups are kept under upper-case names.
import { stripVTControlCharacters } from 'node:util';

export interface WaitPatterns {
  readonly stdout: RegExp | undefined;
  readonly stderr: RegExp | undefined;
}

export interface OutputWatch {
  push(stream: 'stdout' | 'stderr', text: string): void;
  /** Settles at the first match. */
  readonly matched: Promise<void>;
  /** The named groups of the match. */
  readonly captured: Record<string, string>;
}

/** Characters that a match may span: every piece is looked at together with as many before it. */
const WINDOW = 16_384;

/** Watches output for `patterns`. */
export function watchOutput(patterns: WaitPatterns): OutputWatch {
  // What was printed last: a pattern may span lines and arrive in pieces. Undefined after the match.
  let seen: { stdout: string; stderr: string } | undefined = { stdout: '', stderr: '' };
  const captured: Record<string, string> = {};
  let match: () => void = () => {};
  const matched = new Promise<void>((resolve) => {
    match = resolve;
  });
  return {
    matched,
    captured,
    push(stream, text) {
      const pattern = patterns[stream];
      if (!pattern || !seen) return;
      seen[stream] += stripVTControlCharacters(text);
      pattern.lastIndex = 0;
      const found = pattern.exec(seen[stream]);
      if (!found) {
        seen[stream] = last(seen[stream]);
        return;
      }
      for (const [name, value] of Object.entries(found.groups ?? {})) {
        if (value !== undefined) captured[name.toUpperCase()] = value;
      }
      seen = undefined;
      match();
    },
  };
}

/** From the beginning of a line where there is one, for patterns that begin with ^. */
function last(text: string): string {
  if (text.length <= WINDOW) return text;
  const end = text.slice(-WINDOW);
  return end.slice(end.indexOf('\n') + 1);
}

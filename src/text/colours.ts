// Whether what we print has colours, as Playwright decides it for its own reporters, and the four that we use.

const CODES = { red: 31, green: 32, yellow: 33, dim: 2 } as const;

export type Colouring = (colour: keyof typeof CODES, text: string) => string;

/** `FORCE_COLOR=0`, or any `NO_COLOR`: none. Any other `FORCE_COLOR`: always. Else on a terminal that has them. */
export function wantsColours(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = env;
  if (FORCE_COLOR === '0' || FORCE_COLOR === 'false' || NO_COLOR) return false;
  return FORCE_COLOR ? true : stream.isTTY === true && TERM !== 'dumb';
}

export function colouring(colours: 'keep' | 'drop'): Colouring {
  if (colours === 'drop') return (_, text) => text;
  return (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[${colour === 'dim' ? 22 : 39}m`;
}

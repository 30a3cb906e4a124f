// A program of the kinds, as statements.

/** One by one, as a driver sends them, except a function's body. */
export function statements(text: string): string[] {
  return text.includes('$$ BEGIN') ? [text] : text.split('; ');
}

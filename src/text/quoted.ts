// Where something in quotes ends, of any length.

/**
 * What follows the quote that closes it, or the text's end. A doubled quote closes nothing.
 *
 * @param from behind the first quote
 * @param escapes whether a backslash takes its meaning from what follows it, as in `E'…'`
 */
export function endOfQuoted(text: string, from: number, quote: '"' | "'", escapes = false): number {
  for (let at = from; ; ) {
    const mark = escapes ? nextMark(text, at) : text.indexOf(quote, at);
    if (mark < 0) return text.length;
    if (text[mark] === quote && text[mark + 1] !== quote) return mark + 1;
    at = mark + 2;
  }
}

const MARKS = /['\\]/g;

function nextMark(text: string, at: number): number {
  MARKS.lastIndex = at;
  return MARKS.exec(text)?.index ?? -1;
}

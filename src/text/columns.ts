// How wide text is on a terminal, and text that is cut to a width.
import { withoutColours } from './printable.ts';

/** Ideographs, kana, hangul, full-width forms and emoji take two columns. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\ufe0f/u;
/** Marks that are drawn over what precedes them, and characters without a form. */
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

const graphemes = new Intl.Segmenter();

/** In columns; colours take none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(withoutColours(text))) width += widthOfOne(segment);
  return width;
}

/** The beginning of one line of plain text that fits, with an ellipsis where something is missing. */
export function fitted(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let [fits, width] = ['', 0];
  for (const { segment } of graphemes.segment(text)) {
    width += widthOfOne(segment);
    if (width >= columns) break;
    fits += segment;
  }
  return columns > 0 ? `${fits}…` : '';
}

function widthOfOne(grapheme: string): number {
  if (NONE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

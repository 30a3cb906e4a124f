// Pieces of text that take the place of others, and the difference as people read it.

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @param edits in their order, none over another */
export function applied(text: string, edits: readonly Edit[]): string {
  let result = '';
  let from = 0;
  for (const edit of edits) {
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}

const CONTEXT = 2;

/** Lines with `-` and `+`, with a few around them. */
export function diffOf(file: string, before: string, edits: readonly Edit[]): string {
  const lines = (text: string) => text.replace(/\r/g, '').split('\n');
  const old = lines(before).slice(0, before.endsWith('\n') ? -1 : undefined);
  const lineOf = (index: number) => before.slice(0, index).split('\n').length - 1;
  /** Lines that are replaced together. */
  const hunks: { first: number; last: number; edits: Edit[] }[] = [];
  for (const edit of edits) {
    const [first, last] = [lineOf(edit.start), lineOf(edit.end)];
    const open = hunks.at(-1);
    if (open && first <= open.last) {
      open.last = last;
      open.edits.push(edit);
    } else hunks.push({ first, last, edits: [edit] });
  }
  const starts = [0];
  for (const { index } of before.matchAll(/\n/g)) starts.push(index + 1);
  let shownUntil = 0;
  const shown = hunks.flatMap(({ first, last, edits: own }, index) => {
    const from = starts[first] ?? 0;
    const to = (starts[last + 1] ?? before.length + 1) - 1;
    const moved = own.map((edit) => ({ ...edit, start: edit.start - from, end: edit.end - from }));
    const [kept, fresh] = common(old.slice(first, last + 1), lines(applied(before.slice(from, to), moved)));
    const begin = Math.max(shownUntil, first - CONTEXT);
    const gap = begin > shownUntil ? ['@@'] : [];
    const above = old.slice(begin, first);
    shownUntil = Math.min(hunks[index + 1]?.first ?? old.length, last + 1 + CONTEXT);
    return [...gap, ...mark(' ', above), ...kept, ...fresh, ...mark(' ', old.slice(last + 1, shownUntil))];
  });
  return [`--- ${file}`, `+++ ${file}`, ...shown, ''].join('\n');
}

/** A line that only moved is not shown twice. */
function common(removed: readonly string[], added: readonly string[]): [string[], string[]] {
  if (removed.length === 1 && added.at(-1) === removed[0]) return [mark('+', added.slice(0, -1)), mark(' ', removed)];
  if (removed.length === 1 && added[0] === removed[0]) return [mark(' ', removed), mark('+', added.slice(1))];
  return [mark('-', removed), mark('+', added)];
}

function mark(sign: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${sign}${line}`.trimEnd());
}

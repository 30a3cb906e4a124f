// What a measurement came to, beside what it is compared with, and how it is printed.

export interface Answer {
  readonly question: string;
  readonly ours: number;
  readonly peer: string;
  readonly theirs: number;
  readonly unit: string;
  /** ours / theirs, measured in turns in one run: holds on a busy machine, where milliseconds do not. */
  readonly ratio: number;
  /** `≤ 2.5 ms`, `≤ 1.2 ×`; '' where there is none. */
  readonly goal: string;
  readonly met: boolean | undefined;
}

export type Goal = { readonly most: number } | { readonly ratio: number } | undefined;

/** @param unit of `ours`, `theirs` and `goal.most` */
export function answer(
  question: string,
  ours: number,
  peer: string,
  theirs: number,
  goal: Goal,
  unit: string = 'ms',
): Answer {
  const ratio = ours / theirs;
  const [text, met] =
    goal === undefined
      ? ['', undefined]
      : 'most' in goal
        ? [`≤ ${goal.most} ${unit}`, ours <= goal.most]
        : [`≤ ${short(goal.ratio)} ×`, ratio <= goal.ratio];
  return { question, ours: round(ours), peer, theirs: round(theirs), unit, ratio: round(ratio), goal: text, met };
}

/** Prints each answer when it is there. */
export function printer(format: 'table' | 'json'): (answer: Answer) => void {
  if (format === 'json') return (answer) => console.log(JSON.stringify(answer));
  console.log(columns('', 'ours', 'peer', 'ratio', 'goal', ''));
  return ({ question, ours, peer, theirs, unit, ratio, goal, met }) => {
    const verdict = met === undefined ? '' : met ? 'met' : 'NOT MET';
    console.log(
      columns(
        question,
        `${ours} ${unit}`,
        `${peer} ${theirs} ${unit}`,
        Number.isFinite(ratio) ? `${short(ratio)} ×` : '',
        goal,
        verdict,
      ),
    );
  };
}

function columns(question: string, ours: string, peer: string, ratio: string, goal: string, met: string): string {
  return `${question.padEnd(44)} ${ours.padStart(10)}  ${peer.padEnd(42)} ${ratio.padStart(9)}  ${goal.padEnd(10)} ${met}`;
}

/** Small ratios read better as fractions. */
function short(ratio: number): string {
  return ratio < 0.2 ? `1/${Math.round(1 / ratio)}` : `${round(ratio)}`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

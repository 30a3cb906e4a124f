// The time of a test: its requests in a lane, its statements in one for each session: when each began, how long it took,
// which failed or waited.
import type { Failure, RequestMade, Statement } from './failure.ts';
import { hasFailed } from './requests-text.ts';
import { type Block, escapeXml, LINE, MARGIN, WIDTH } from './svg.ts';

const LANE = 18;
/** Of the lanes' names. */
const GUTTER = 104;
const FROM = MARGIN + GUTTER;
const INNER = WIDTH - MARGIN - FROM;
/** Those of further sessions are drawn in the last. */
const MOST_LANES = 8;
const TICKS = 5;
const LEGEND = [
  { tone: '', text: 'ran', at: 0 },
  { tone: 'warn', text: 'waited for a lock, or has not ended', at: 50 },
  { tone: 'bad', text: 'failed', at: 330 },
  { tone: 'request', text: 'a request', at: 400 },
] as const;

type Shown = Pick<Failure, 'began' | 'ended' | 'statements' | 'requests'>;

/** Undefined: there is nothing to draw. */
export function timeline({ began, ended, statements, requests = [] }: Shown): Block | undefined {
  const span = Math.max(1, ended - began);
  const x = (at: number) => FROM + (INNER * Math.min(Math.max(at - began, 0), span)) / span;
  const asked = requests.map((each) => ({ from: each.at, to: each.at + each.ms, tone: toneOfRequest(each) }));
  const lanes = [
    ...(asked.length > 0 ? [{ name: 'requests', all: asked }] : []),
    ...lanesOf(statements?.shown ?? [], ended),
  ];
  if (lanes.length === 0) return undefined;
  const height = lanes.length * LANE;
  const bar = (mark: Mark, y: number) => {
    const from = x(mark.from);
    const width = Math.max(2, x(mark.to) - from).toFixed(1);
    return `<rect class="bar ${mark.tone}" x="${from.toFixed(1)}" y="${y + 3}" width="${width}" height="${LANE - 6}" rx="1"/>`;
  };
  const tick = (n: number, y: number) => {
    const at = x(began + (span * n) / TICKS).toFixed(1);
    const anchor = n === 0 ? 'start' : n === TICKS ? 'end' : 'middle';
    return `<line class="axis" x1="${at}" y1="${y}" x2="${at}" y2="${y + height + 4}"/>
<text class="dim" x="${at}" y="${y + height + 17}" text-anchor="${anchor}">${timeText((span * n) / TICKS)}</text>`;
  };
  const lane = (
    { name, all }: Lane,
    y: number,
  ) => `<text class="dim" x="${MARGIN}" y="${y + 13}">${escapeXml(name)}</text>
${all.map((mark) => bar(mark, y)).join('\n')}`;
  return {
    height: height + 2 * LINE + 6,
    draw: (y) =>
      [
        `<rect class="lane" x="${FROM}" y="${y}" width="${INNER}" height="${height}" rx="3"/>`,
        ...Array.from({ length: TICKS + 1 }, (_, n) => tick(n, y)),
        ...lanes.map((each, n) => lane(each, y + n * LANE)),
        ...LEGEND.map(
          ({
            tone,
            text,
            at,
          }) => `<rect class="bar ${tone}" x="${FROM + at}" y="${y + height + 27}" width="10" height="10" rx="1"/>
<text class="dim" x="${FROM + at + 15}" y="${y + height + 36}">${text}</text>`,
        ),
      ].join('\n'),
  };
}

interface Mark {
  readonly from: number;
  readonly to: number;
  readonly tone: '' | 'warn' | 'bad' | 'request';
}

interface Lane {
  readonly name: string;
  /** Those that failed last: they are drawn over the others. */
  readonly all: readonly Mark[];
}

function lanesOf(statements: readonly Statement[], ended: number): readonly Lane[] {
  const sessions = [...new Set(statements.map(({ session }) => session))];
  const own = sessions.slice(0, sessions.length > MOST_LANES ? MOST_LANES - 1 : MOST_LANES);
  const lane = (name: string, is: (statement: Statement) => boolean): Lane => ({
    name,
    all: statements
      .filter(is)
      .sort((a, b) => Number(a.error !== undefined) - Number(b.error !== undefined))
      .map((each) => ({ from: each.at, to: endOf(each, ended), tone: toneOf(each) })),
  });
  return [
    ...own.map((session) => lane(`session ${session}`, (each) => each.session === session)),
    ...(sessions.length > own.length
      ? [lane(`${sessions.length - own.length} others`, (each) => !own.includes(each.session))]
      : []),
  ];
}

/** One that has not ended lasts until the test did. */
function endOf({ at, ms, waited, error }: Statement, ended: number): number {
  return error === undefined && ms === undefined ? ended : at + (ms ?? waited ?? 0);
}

function toneOf({ error, waited, ms }: Statement): 'bad' | 'warn' | '' {
  if (error !== undefined) return 'bad';
  return waited !== undefined || ms === undefined ? 'warn' : '';
}

function toneOfRequest(request: RequestMade): 'bad' | 'request' {
  return hasFailed(request) ? 'bad' : 'request';
}

function timeText(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

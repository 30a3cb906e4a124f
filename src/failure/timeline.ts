// The time of a test with its statements, a lane for each session: when each began, how long it took, which failed or waited.
import type { Failure, Statement } from './failure.ts';
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
] as const;

export function timeline({ began, ended, statements }: Pick<Failure, 'began' | 'ended' | 'statements'>): Block {
  const span = Math.max(1, ended - began);
  const x = (at: number) => FROM + (INNER * Math.min(Math.max(at - began, 0), span)) / span;
  const lanes = lanesOf(statements?.shown ?? []);
  const height = lanes.length * LANE;
  const bar = (statement: Statement, y: number) => {
    const from = x(statement.at);
    const width = Math.max(2, x(endOf(statement, ended)) - from).toFixed(1);
    return `<rect class="bar ${toneOf(statement)}" x="${from.toFixed(1)}" y="${y + 3}" width="${width}" height="${LANE - 6}" rx="1"/>`;
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
${all.map((statement) => bar(statement, y)).join('\n')}`;
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

interface Lane {
  readonly name: string;
  /** Those that failed last: they are drawn over the others. */
  readonly all: readonly Statement[];
}

function lanesOf(statements: readonly Statement[]): readonly Lane[] {
  const sessions = [...new Set(statements.map(({ session }) => session))];
  const own = sessions.slice(0, sessions.length > MOST_LANES ? MOST_LANES - 1 : MOST_LANES);
  const lane = (name: string, is: (statement: Statement) => boolean): Lane => ({
    name,
    all: statements.filter(is).sort((a, b) => Number(a.error !== undefined) - Number(b.error !== undefined)),
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

function timeText(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

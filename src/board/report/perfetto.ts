// The timeline as a file for ui.perfetto.dev: JSON in the trace event format.
import type { Span } from '../../state/spans.ts';
import type { BoardModel } from '../board-model.ts';

interface TraceEvent {
  readonly ph: 'M' | 'X' | 'b' | 'e' | 'i';
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: string;
  readonly s?: 't';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** A process for each run, a thread for each lane. */
export function perfettoTrace(runs: readonly BoardModel[]): string {
  const traceEvents = runs.flatMap((run, index) => eventsOf(run, index + 1));
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents });
}

function eventsOf({ state, timeline }: BoardModel, pid: number): TraceEvent[] {
  const named = (name: string, tid: number, value: string): TraceEvent => {
    return { ph: 'M', name, pid, tid, args: { name: value } };
  };
  const lanes = Object.entries(timeline.lanes).flatMap(([lane, spans], index) => {
    const tid = index + 1;
    return [
      named('thread_name', tid, lane),
      ...spans.flatMap((span, number) => spanEvents(span, { pid, tid, id: `${tid}.${number}` })),
    ];
  });
  return [named('process_name', 0, `run ${state.run}`), ...lanes];
}

function spanEvents(span: Span, { pid, tid, id }: { pid: number; tid: number; id: string }): TraceEvent[] {
  const { kind, title: name, from, to, detail, outcome } = span;
  const ts = from * 1_000;
  const args = { ...(outcome && { outcome }), ...(detail !== undefined && { detail }) };
  const of = { name, pid, tid, cat: kind };
  if (from === to) return [{ ph: 'i', s: 't', ...of, ts, args }];
  // A worker has one at a time. What may lie across it, as a rewind that ends after it, has a track of its own.
  if (kind === 'test') return [{ ph: 'X', ...of, ts, dur: (to - from) * 1_000, args }];
  return [
    { ph: 'b', ...of, ts, id, args },
    { ph: 'e', ...of, ts: to * 1_000, id },
  ];
}

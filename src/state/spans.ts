// What a timeline is made of, and the span of an event that tells in itself when it began.
import type { StampedEvent, TestOutcome } from '../events.ts';
import { originTitle } from '../names.ts';

export type SpanKind =
  | 'test'
  /** Its clone, its servers, its worktree. */
  | 'boot'
  /** A step of the user's, or a server that starts. */
  | 'step'
  | 'rewind'
  | 'late writes'
  /** A stack that was opened anew, because of what cannot be undone. */
  | 'fresh clone'
  | 'restart'
  | 'crash'
  | 'worktree'
  /** Waiting: for the stack, for a lock, for free connections. */
  | 'wait'
  /** A lock that is held. */
  | 'lock'
  | 'broken';

export interface Span {
  readonly kind: SpanKind;
  /** Milliseconds since 1970. Both are the same for what only has a moment. */
  readonly from: number;
  readonly to: number;
  readonly title: string;
  /** What a person sees who asks. */
  readonly detail?: string;
  /** Playwright's id of the test that it is of. */
  readonly test?: string;
  /** Of a test. */
  readonly outcome?: TestOutcome;
}

/** Undefined: it has none. */
export function spanOf(event: StampedEvent): Span | undefined {
  const { at } = event;
  const of = 'test' in event && event.test ? { test: event.test.id } : {};
  switch (event.type) {
    case 'template-ready':
      return { kind: 'boot', from: at - event.ms, to: at, title: 'template', detail: event.built ? 'built' : 'reused' };
    case 'built':
      return event.reused
        ? { kind: 'step', from: at - event.ms, to: at, title: 'build', detail: 'unchanged' }
        : undefined;
    case 'rewound': {
      const tables = event.tables.map(({ table, deleted, inserted }) => `${table} -${deleted} +${inserted}`);
      const detail = [`${event.rows} rows`, ...tables.slice(0, MOST_TABLES)].join(', ');
      return { kind: 'rewind', from: at - event.ms, to: at, title: `rewind of ${originTitle(event)}`, detail, ...of };
    }
    case 'late-writes': {
      const tables = event.tables.map(({ table, deleted, inserted }) => `${table} (${Math.max(deleted, inserted)})`);
      const detail = `${tables.slice(0, MOST_TABLES).join(', ')}, up to ${event.ms} ms after its end`;
      return { kind: 'late writes', from: at, to: at, title: `late writes of ${originTitle(event)}`, detail, ...of };
    }
    case 'rewind-impossible': {
      const detail = `${event.reason}: ${event.what}`;
      return {
        kind: 'fresh clone',
        from: at - event.ms,
        to: at,
        title: `fresh clone after ${originTitle(event)}`,
        detail,
        ...of,
      };
    }
    case 'server-exited':
      return {
        kind: 'crash',
        from: at,
        to: at,
        title: `server "${event.server}" ended`,
        detail: firstLine(event.message),
        ...of,
      };
    case 'server-restarted':
      return { kind: 'restart', from: at - event.ms, to: at, title: `server "${event.server}" started again` };
    case 'worktree-reset':
      return {
        kind: 'worktree',
        from: at - event.ms,
        to: at,
        title: 'worktree',
        detail: `${event.paths} paths`,
        ...of,
      };
    case 'run-broken':
      return { kind: 'broken', from: at, to: at, title: 'run broken', detail: firstLine(event.message) };
    default:
      return undefined;
  }
}

const MOST_TABLES = 5;

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300);
}

import { expect, test } from '@playwright/test';
import { failureCard } from './failure-card.ts';
import { FAILURE } from './testing/example.ts';

/** The lines of text, and the marks of statements, by lane from top to bottom. */
const drawn = (svg: string) => ({
  texts: [...svg.matchAll(/<text class="(\w+)"[^>]*>([^<]*)<\/text>/g)].map(([, tone, text]) => `${tone}: ${text}`),
  bars: [...svg.matchAll(/<rect class="bar (\w*)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map((bar) => bar.slice(1)),
});

test('a card says what to look for, and has the statements by session and time', () => {
  const { texts, bars } = drawn(failureCard(FAILURE));
  expect(texts.slice(0, 3)).toEqual([
    'head: server &quot;jobs&quot; has ended · 2 requests failed · 1 statement failed · 1 waited for a lock',
    'head: an error in the log of &quot;web&quot; · one statement 6 times (N+1) · late writes of an earlier test · 3 requests',
    'head: 9 statements · 3 rows changed · 1500 ms',
  ]);
  for (const text of [
    'bad: +18 ms  500  POST /notes of &quot;web&quot;, 9 ms',
    'bad: +900 ms  no answer (net::ERR_CONNECTION_REFUSED)  GET / of &quot;api&quot;, 0 ms',
    "warn: 1 row in public.notes, after 'notes › adds' (add.spec.ts) had ended: undone before this test began",
    'bad:     ERROR 23505: duplicate key',
    'warn:     waited for a lock, 1000 ms or more',
    'warn: 6 × SELECT * FROM tags WHERE note = ?',
    'bad: error: duplicate key value violates unique constraint &quot;notes_title_key&quot;',
    'dim:     at Pool.query (pool.js:45:11)',
    'bad:   server &quot;jobs&quot;: ended, started again 2 times',
  ]) {
    expect(texts).toContain(text);
  }
  expect(texts.indexOf('dim: requests')).toBeLessThan(texts.indexOf('dim: session 7'));
  expect(texts.indexOf('dim: session 7')).toBeLessThan(texts.indexOf('dim: session 8'));
  // The requests; BEGIN, the INSERT that failed, and the UPDATE until the end; then the legend.
  expect(bars.slice(0, 3).map(([tone]) => tone)).toEqual(['request', 'bad', 'bad']);
  expect(bars.slice(3, 6)).toEqual([
    ['', '137.3', '2.0'],
    ['bad', '142.7', '2.0'],
    ['warn', '153.3', '778.7'],
  ]);
});

test('whatever it is of, it is a picture: nothing in it is markup, and lines and lanes are bounded', () => {
  const text = `</text><script>alert(1)</script> error \u0000\uffff\ud800${'x'.repeat(10_000)}`;
  const statement = { at: FAILURE.began, sql: text, parameters: [text], error: text, session: 0, application: text };
  const shown = Array.from({ length: 400 }, (_, session) => ({ ...statement, session }));
  const svg = failureCard({
    ...FAILURE,
    logs: [{ server: text, text: `${text}\n`.repeat(20) }],
    statements: { since: FAILURE.began, count: 400, distinct: 1, ms: 0, shown, repeated: [] },
    rows: {
      count: 1,
      shown: [{ table: text, op: 'insert', key: undefined, before: undefined, after: { [text]: text } }],
    },
  });
  expect(svg).not.toContain('<script');
  expect(svg.includes('\u0000') || svg.includes('\uffff')).toBe(false);
  expect(Number(/height="(\d+)"/.exec(svg)?.[1])).toBeLessThan(3_000);
  expect(svg).toContain('>393 others<');
  const none = failureCard({
    ...FAILURE,
    logs: [],
    requests: [],
    statements: undefined,
    rows: { count: 0, shown: [] },
  });
  expect(drawn(none).bars).toEqual([]);
});

test('a line of megabytes is cut, not laid out', () => {
  const long = 'x'.repeat(4_000_000);
  const { texts } = drawn(failureCard({ ...FAILURE, logs: [{ server: 'web', text: `error: ${long}` }] }));
  expect(texts.filter((text) => text.startsWith('bad: error: xxx'))).toHaveLength(1);
  expect(texts).toContain('bad: … and more');
});

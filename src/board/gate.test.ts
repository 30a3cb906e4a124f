// Who gets in, and who does not.
import { expect, test } from '@playwright/test';
import { judge, type Verdict, type Visit } from './gate.ts';

const host = '127.0.0.1:4100';
const crossSite = { host, 'sec-fetch-site': 'cross-site' };

const rows: readonly (readonly [title: string, visit: Partial<Visit>, verdict: Verdict['kind'] | 403 | 404 | 405])[] = [
  ['the token in the path', { url: '/f00d/' }, 'file'],
  ['what the page loads', { url: '/f00d/events', headers: { host, 'sec-fetch-site': 'same-origin' } }, 'file'],
  ['a link on another site', { url: '/f00d/', headers: crossSite }, 'file'],
  ['the same without a slash', { url: '/f00d', headers: crossSite }, 'enter'],
  ['a forwarded port', { url: '/f00d/', headers: { host: 'localhost:9000', origin: 'http://localhost:9000' } }, 'file'],
  ['no token', { url: '/' }, 403],
  ['a name without one', { url: '/events' }, 403],
  ['the token of another run', { url: '/f00e/' }, 403],
  ['the token elsewhere in the path', { url: '/events/f00d' }, 403],
  ['the token in a cookie', { url: '/events', headers: { host, cookie: 'stacks_board=f00d' } }, 403],
  ['a name that somebody has pointed here', { url: '/f00d/', headers: { host: 'evil.example:4100' } }, 403],
  ['a name that begins like ours', { url: '/f00d/', headers: { host: '127.0.0.1.evil.example' } }, 403],
  ['no host', { url: '/f00d/', headers: {} }, 403],
  ['another site', { url: '/f00d/events', headers: { host, origin: 'https://evil.example' } }, 403],
  [
    'the application under test, on another port of this host',
    { url: '/f00d/events', headers: { host, origin: 'http://127.0.0.1:3000' } },
    403,
  ],
  ['another site, as an image or a script', { url: '/f00d/board.js', headers: crossSite }, 403],
  ['a page without an origin', { url: '/f00d/events', headers: { host, origin: 'null' } }, 403],
  ['another method', { method: 'POST', url: '/f00d/' }, 405],
  ['a path below', { url: '/f00d/a/b' }, 404],
];

for (const [title, { method = 'GET', url, headers = { host } }, expected] of rows) {
  test(`${title}: ${expected}`, () => {
    const verdict = judge({ method, url, headers }, 'f00d');
    expect(verdict.kind === 'refused' ? verdict.status : verdict.kind).toBe(expected);
  });
}

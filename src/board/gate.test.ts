// Who gets in, and who does not.
import { expect, test } from '@playwright/test';
import { judge, type Verdict, type Visit } from './gate.ts';

const gate = { token: 'f00d', cookie: 'stacks_board_4100' };
const host = '127.0.0.1:4100';
const known = { host, cookie: 'a=b; stacks_board_4100=f00d' };

const rows: readonly (readonly [title: string, visit: Partial<Visit>, verdict: Verdict['kind'] | 403 | 404 | 405])[] = [
  ['the token in the path', { url: '/f00d/', headers: { host } }, 'enter'],
  [
    'the same without a slash, from a link on another site',
    { url: '/f00d', headers: { host, 'sec-fetch-site': 'cross-site' } },
    'enter',
  ],
  ['the cookie', { headers: known }, 'file'],
  [
    'the cookie, at a forwarded port',
    { headers: { ...known, host: 'localhost:9000', origin: 'http://localhost:9000' } },
    'file',
  ],
  ['no cookie', { headers: { host } }, 403],
  ['the cookie of another run', { headers: { host, cookie: 'stacks_board_4100=beef' } }, 403],
  ['the cookie of another board', { headers: { host, cookie: 'stacks_board_4101=f00d' } }, 403],
  ['another token in the path', { url: '/f00e/', headers: { host } }, 403],
  ['a name that somebody has pointed here', { headers: { ...known, host: 'evil.example:4100' } }, 403],
  ['a name that begins like ours', { headers: { ...known, host: '127.0.0.1.evil.example' } }, 403],
  ['no name', { headers: { cookie: known.cookie } }, 403],
  ['another site', { headers: { ...known, origin: 'https://evil.example' } }, 403],
  [
    'the application under test, on another port of this host',
    { headers: { ...known, origin: 'http://127.0.0.1:3000' } },
    403,
  ],
  ['the same, as an image or a script', { headers: { ...known, 'sec-fetch-site': 'same-site' } }, 403],
  ['a page without an origin', { headers: { ...known, origin: 'null' } }, 403],
  ['another method', { method: 'POST', headers: known }, 405],
  ['a path below', { url: '/a/b', headers: known }, 404],
];

for (const [title, { method = 'GET', url = '/', headers = {} }, expected] of rows) {
  test(`${title}: ${expected}`, () => {
    const verdict = judge({ method, url, headers }, gate);
    expect(verdict.kind === 'refused' ? verdict.status : verdict.kind).toBe(expected);
  });
}

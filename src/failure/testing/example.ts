// A failure with all that there can be in one.
import type { Failure } from '../failure.ts';

const began = Date.UTC(2026, 10, 30, 6, 0, 0);
const shop = { session: 7, application: 'shop' };

export const FAILURE: Failure = {
  began,
  ended: began + 1_500,
  requests: [
    { at: began + 5, ms: 12.4, method: 'GET', server: 'web', path: '/notes?…', status: 200 },
    { at: began + 18, ms: 9, method: 'POST', server: 'web', path: '/notes', status: 500 },
    { at: began + 900, ms: 0, method: 'GET', server: 'api', path: '/', error: 'net::ERR_CONNECTION_REFUSED' },
  ],
  late: {
    test: { id: 'e', title: 'adds', titlePath: ['notes', 'adds'], file: 'add.spec.ts', project: '', retry: 0 },
    ...{ rows: 1, tables: ['public.notes'] },
  },
  logs: [
    {
      server: 'web',
      text: `GET /notes 200\nPOST /notes 500\nerror: duplicate key value violates unique constraint "notes_title_key"\n    at Pool.query (pool.js:45:11)\n`,
    },
  ],
  statements: {
    since: began,
    count: 9,
    distinct: 4,
    ms: 1_234,
    shown: [
      { at: began + 10, sql: 'BEGIN', parameters: [], ms: 0.123, ...shop },
      {
        ...{ at: began + 20, sql: 'INSERT INTO notes (title)\n  VALUES ($1)', parameters: ['new'], ...shop },
        error: '23505: duplicate key',
      },
      {
        ...{ at: began + 40, sql: "UPDATE notes SET title = 'x'", parameters: [], waited: 1_000.07 },
        ...{ session: 8, application: '', request: '0af7651916cd43dd8448eb211c80319c' },
      },
    ],
    repeated: [{ sql: 'SELECT * FROM tags WHERE note = ?', times: 6 }],
  },
  rows: {
    count: 3,
    shown: [
      { table: 'public.notes', op: 'delete', key: { id: 1 }, before: { id: 1, title: 'gone' }, after: undefined },
      {
        ...{ table: 'public.notes', op: 'insert', key: { id: 7 }, before: undefined },
        after: { id: 7, title: 'new', body: 'x'.repeat(100) },
      },
      {
        ...{ database: 'audit', table: 'log', op: 'update', key: { id: 2, part: 'a' } },
        before: { id: 2, part: 'a', seen: false, by: null, at: 1 },
        after: { id: 2, part: 'a', seen: true, by: 'anna', at: 1 },
      },
    ],
  },
  stack: {
    title: 'slot 2 (admin)',
    servers: [
      { name: 'web', is: 'running', restarts: 0 },
      { name: 'jobs', is: 'ended', restarts: 2 },
    ],
    sessions: [
      {
        ...{ pid: 8, application: '', state: 'active', query: "UPDATE notes\nSET title = 'x'", transaction: 1_034 },
        blockedBy: [7],
      },
      {
        ...{ pid: 7, application: 'shop', state: 'idle in transaction', query: 'BEGIN', transaction: 2_000 },
        blockedBy: [],
      },
      { pid: 9, application: 'shop', state: 'idle', query: 'COMMIT', transaction: null, blockedBy: [] },
    ],
  },
};

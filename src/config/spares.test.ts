// `server.spares`, as it is resolved.
import { expect, test } from '@playwright/test';
import { HOLD_VARIABLE } from '../environment.ts';
import { parseOptions } from './parse.ts';
import { resolveOptions } from './resolve.ts';

test('there are as many as the option says, as many as measured by default, and none in a run that is held and has no tests', () => {
  const spares = (own: object) => {
    const server = { command: 'node app.mjs', restart: 'test', ...own } as const;
    const parsed = parseOptions({ server }, undefined, [{ path: '', name: 'default' }]);
    return resolveOptions(parsed, '/project/playwright.config.ts').variants.get('default')?.servers[0]?.spares;
  };
  expect([spares({}), spares({ spares: 2 }), spares({ spares: 0 })]).toEqual([undefined, 2, 0]);
  process.env[HOLD_VARIABLE] = '1';
  try {
    expect([spares({}), spares({ spares: 2 })]).toEqual([0, 0]);
  } finally {
    delete process.env[HOLD_VARIABLE];
  }
});

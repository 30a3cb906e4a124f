import { expect, test } from '@playwright/test';
import { colouring, wantsColours } from './colours.ts';

test('NO_COLOR and FORCE_COLOR decide before the terminal does', () => {
  const [terminal, pipe] = [{ isTTY: true }, {}];
  expect(wantsColours(terminal, { TERM: 'xterm' })).toBe(true);
  expect(wantsColours(terminal, { TERM: 'dumb' })).toBe(false);
  expect(wantsColours(pipe, {})).toBe(false);
  expect(wantsColours(pipe, { FORCE_COLOR: '1' })).toBe(true);
  for (const env of [{ NO_COLOR: '1' }, { FORCE_COLOR: '0' }, { FORCE_COLOR: 'false' }]) {
    expect(wantsColours(terminal, env)).toBe(false);
  }
  // https://no-color.org: an empty one says nothing; Playwright, too, lets NO_COLOR win.
  expect(wantsColours(terminal, { NO_COLOR: '' })).toBe(true);
  expect(wantsColours(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
});

test('a colour ends with its text', () => {
  expect(colouring('keep')('red', 'FAIL')).toBe('\x1b[31mFAIL\x1b[39m');
  expect(colouring('keep')('dim', 'x')).toBe('\x1b[2mx\x1b[22m');
  expect(colouring('drop')('red', 'FAIL')).toBe('FAIL');
});

// `machine.slots`, and the variable that takes precedence over it.
import { expect, test } from '@playwright/test';
import { parseOptions } from './parse.ts';
import { resolveOptions } from './resolve.ts';

test.afterEach(() => {
  delete process.env.STACKS_MACHINE_SLOTS;
});

const slots = (machine?: object) =>
  resolveOptions(parseOptions({ machine } as object, undefined, []), '/nowhere/playwright.config.ts').machine.slots;

test('slots are a number, auto or off; the environment wins; anything else is a mistake', () => {
  delete process.env.STACKS_MACHINE_SLOTS;
  expect([slots(), slots({}), slots({ slots: 6 }), slots({ slots: 'off' })]).toEqual(['auto', 'auto', 6, 'off']);
  const mistake = (value: unknown) => {
    try {
      return slots({ slots: value });
    } catch (error) {
      return (error as Error).message.split('\n').at(1);
    }
  };
  const must = "must be 'auto', 'off' or a whole number above 0, got";
  expect(mistake(0)).toContain('`machine.slots` must be a whole number above 0, got 0');
  expect(mistake('many')).toContain(`\`machine.slots\` ${must} "many"`);
  process.env.STACKS_MACHINE_SLOTS = '3';
  expect(slots({ slots: 'off' })).toBe(3);
  process.env.STACKS_MACHINE_SLOTS = 'off';
  expect(slots()).toBe('off');
  process.env.STACKS_MACHINE_SLOTS = 'of';
  expect(mistake(6)).toContain(`\`STACKS_MACHINE_SLOTS\` ${must} "of"`);
});

// Steps as events: what a person is shown who waits for them.
import { expect, test } from '@playwright/test';
import { Events, type StacksEvent } from '../events.ts';
import { asStep } from './step-events.ts';

const stack = { slot: 1, variant: 'default' };

test('a step begins, prints, and ends; what it prints much of is bundled, and has no secrets', async () => {
  const { events, heard } = listen();
  await asStep(events, { step: 'build' }, async (onOutput) => {
    for (let line = 1; line <= 1_000; line += 1) onOutput('stdout', `${line} postgres://me:hush@h/d\n`);
  });
  expect(heard.map(({ type }) => type)).toEqual(['step-began', 'step-output', 'step-ended']);
  const lines = Array.from({ length: 12 }, (_, index) => `${989 + index} postgres://me:***@h/d`);
  expect(heard[1]).toMatchObject({ step: 'build', lines });
  expect(heard[2]).toMatchObject({ step: 'build', failed: false });
});

test('what is printed is shown while the step goes on, and not after it', async () => {
  const { events, heard } = listen();
  let print = (_: string) => {};
  await asStep(events, { step: 'server "web"', stack }, async (onOutput) => {
    print = (text) => onOutput('stderr', text);
    print('listening\n');
    await expect.poll(() => heard.at(-1)).toMatchObject({ type: 'step-output', stack, lines: ['listening'] });
  });
  print('GET /\n');
  expect(heard.at(-1)).toMatchObject({ type: 'step-ended', stack });
});

test('a step that fails says so, and its error goes on', async () => {
  const { events, heard } = listen();
  const failing = asStep(events, { step: 'build' }, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(heard.at(-1)).toMatchObject({ type: 'step-ended', failed: true });
});

function listen(): { events: Events; heard: StacksEvent[] } {
  const events = new Events();
  const heard: StacksEvent[] = [];
  events.on((event) => heard.push(event));
  return { events, heard };
}

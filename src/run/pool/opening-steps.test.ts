import { expect, test } from '@playwright/test';
import { Events } from '../../events.ts';
import { OpeningSteps } from './opening-steps.ts';

test('a worker hears of its own stack’s steps, also of those that began before it came, until the run ends', () => {
  const events = new Events();
  const run = new AbortController();
  const heard: string[] = [];
  const of = { slot: 1, variant: 'admin' };
  const steps = new OpeningSteps(events, of, run.signal, ({ step, state }) => void heard.push(`${step} ${state}`));
  const others = [{ slot: 1, variant: 'default' }, { slot: 0, variant: 'admin' }, undefined];
  for (const stack of others) events.emit({ type: 'step-began', step: 'of another', ...(stack && { stack }) });
  events.emit({ type: 'step-began', step: 'clone', stack: of });
  events.emit({ type: 'step-ended', step: 'clone', stack: of, ms: 1, failed: false });
  events.emit({ type: 'step-began', step: 'server "web"', stack: of });
  steps.repeat();
  expect(heard).toEqual(['clone began', 'clone ended', 'server "web" began', 'server "web" began']);
  run.abort();
  events.emit({ type: 'step-ended', step: 'server "web"', stack: of, ms: 1, failed: false });
  expect(heard).toHaveLength(4);
});

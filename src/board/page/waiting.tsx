// What the run waits for, with the last lines of its output: a first start must never look like a hang.

import { stackTitle } from '../../names.ts';
import type { StepState } from '../../state/run-state.ts';
import { Output, Section, Since } from './parts.tsx';
import { isMoving, state } from './store.ts';

const MEANINGS: Readonly<Record<string, string>> = {
  postgres: 'Postgres starts; the first time its cluster is made (initdb)',
  build: 'the application is built',
};

/** Steps of one kind whose stacks are in the same state are one line: 64 servers that start are not 64 lines. */
const MOST_SHOWN = 6;

export function Waiting() {
  const { setup, progress, broken } = state.value;
  const isBefore = progress.completed === 0 && progress.running === 0;
  const failed = setup.steps.filter((step) => step.failed);
  const going = setup.steps.filter((step) => !step.failed);
  const steps = isBefore || broken !== undefined ? [...failed, ...going] : going;
  if (steps.length === 0) return isBefore && isMoving.value ? <Nothing /> : null;
  return (
    <Section title={broken === undefined ? 'Waiting for' : 'Waited for'} id="waiting">
      <ul class="steps">
        {steps.slice(0, MOST_SHOWN).map((step) => (
          <li
            key={`${step.step} ${step.stack?.slot} ${step.stack?.variant}`}
            class={step.failed ? 'step failed' : 'step'}
          >
            <Step step={step} />
          </li>
        ))}
      </ul>
      {steps.length > MOST_SHOWN ? <p class="more">and {steps.length - MOST_SHOWN} more</p> : null}
    </Section>
  );
}

function Step({ step: { step, stack, since, lines, failed } }: { readonly step: StepState }) {
  const title = stack ? `${step} of ${stackTitle(stack.slot, stack.variant)}` : step;
  return (
    <>
      <p class="line">
        <span class={failed ? 'sign failed' : 'spinner'} aria-hidden="true">
          {failed ? '✕' : ''}
        </span>
        <b>{title}</b>
        <span class="quiet">{MEANINGS[step] ?? ''}</span>
        {failed ? <span class="bad">failed</span> : <Since at={since} />}
      </p>
      {lines.length > 0 ? <Output lines={lines} label={`Output of ${title}`} /> : null}
    </>
  );
}

function Nothing() {
  const { phase, stacks } = state.value;
  const opening = Object.values(stacks).filter(({ status }) => status === 'opening' || status === 'waiting');
  const text =
    opening.length > 0
      ? `${opening.map(({ slot, variant }) => stackTitle(slot, variant)).join(', ')}: the database is cloned`
      : phase === 'starting'
        ? 'the run begins'
        : 'Playwright starts its first worker';
  return (
    <Section title="Waiting for" id="waiting">
      <p class="line">
        <span class="spinner" aria-hidden="true" />
        {text}
      </p>
    </Section>
  );
}

// What was ready before the first test, and what is being waited for.
import type { StampedEvent } from '../events.ts';
import type { SetupState, StepState } from './run-state.ts';

type StepEvent = Extract<StampedEvent, { type: 'step-began' | 'step-output' | 'step-ended' }>;

export function reduceSetup(setup: SetupState, event: StampedEvent): SetupState {
  switch (event.type) {
    case 'built':
      return { ...setup, build: event.ms };
    case 'postgres-ready':
      return { ...setup, postgres: { kind: event.kind, version: event.version, ms: event.ms } };
    case 'template-ready': {
      const { database, built, ms } = event;
      return { ...setup, templates: [...setup.templates, { database, built, ms }] };
    }
    case 'step-began':
    case 'step-output':
    case 'step-ended':
      return { ...setup, steps: reduceSteps(setup.steps, event) };
    default:
      return setup;
  }
}

/** What has ended well is no more waited for. What failed stays until it is tried again. */
function reduceSteps(steps: SetupState['steps'], event: StepEvent): SetupState['steps'] {
  const change = (next: (step: StepState) => StepState[]) =>
    steps.flatMap((each) => (isOf(event, each) ? next(each) : [each]));
  switch (event.type) {
    case 'step-began': {
      const { step, stack, at: since } = event;
      return [...change(() => []), { step, stack, since, lines: [], failed: false }];
    }
    case 'step-output':
      return change((step) => [{ ...step, lines: event.lines }]);
    case 'step-ended':
      return change((step) => (event.failed ? [{ ...step, failed: true }] : []));
  }
}

function isOf({ step, stack }: StepEvent, other: StepState): boolean {
  return step === other.step && stack?.slot === other.stack?.slot && stack?.variant === other.stack?.variant;
}

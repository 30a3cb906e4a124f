// Titles and file names of an event as they can stand within a line: a line feed in a title begins no line of ours.
import type { TestRef } from '../events.ts';
import { printableName } from '../text/printable.ts';

export function withShownNames<Event extends object>(event: Event): Event {
  if (!('test' in event) || typeof event.test !== 'object' || event.test === null) return event;
  return { ...event, test: shown(event.test as TestRef) };
}

function shown(test: TestRef): TestRef {
  const { title, titlePath, file, project } = test;
  const names = { title: printableName(title), file: printableName(file), project: printableName(project) };
  return { ...test, ...names, titlePath: titlePath.map(printableName) };
}

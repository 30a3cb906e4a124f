// What a run of an audit has left in its folder: how its tests went, in which order, and what they changed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditPlan, NOTED_FILE } from '../../audit/plan.ts';
import type { NotedTest, SeenRun, SeenTest } from '../../audit/seen.ts';
import type { StampedEvent } from '../../events.ts';

export const EVENTS_FILE = 'events.ndjson';

export function eventsOf(folder: string): StampedEvent[] {
  return lines<StampedEvent>(join(folder, EVENTS_FILE));
}

/** @param setups projects whose tests are not compared */
export function seenIn(plan: AuditPlan, events: readonly StampedEvent[], setups: readonly string[]): SeenRun {
  const noted = new Map(lines<NotedTest>(join(plan.folder, NOTED_FILE)).map((each) => [each.id, each]));
  const tests = new Map<string, SeenTest>();
  const lateAfter = new Set<string>();
  let quiet = 0;
  for (const event of events) {
    if (event.type === 'late-writes' && event.test) lateAfter.add(event.test.id);
    if (event.type === 'writes-late') quiet = event.quiet;
    if (event.type !== 'test-result' || setups.includes(event.test.project)) continue;
    const { outcome, test } = event;
    if (outcome !== 'passed' && outcome !== 'failed') continue;
    const { id, project, file, titlePath } = test;
    // A test of which a hook has failed is not noted.
    const bare = { unit: JSON.stringify([project, file, ...titlePath]), file: JSON.stringify([project, file]) };
    const { unit, file: place, isolation, rows } = noted.get(id) ?? { ...bare, isolation: 'test', rows: undefined };
    const [error] = event.errors ?? [];
    tests.set(id, { unit, file: place, isolation, rows, outcome, error: error?.message.split('\n')[0] });
  }
  return { order: plan.order, conditions: plan.conditions, tests, lateAfter, quiet };
}

/** The last one may not be whole. */
function lines<Each>(file: string): Each[] {
  if (!existsSync(file)) return [];
  const all = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return all.map((line): Each => JSON.parse(line));
}

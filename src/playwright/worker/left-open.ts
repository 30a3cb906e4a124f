// Which test file has opened a connection to Postgres that outlives its tests, and is lost when its database ends.
import type { TestInfo } from '@playwright/test';
import { nameLeftOpen, onLoss } from '../../postgres/client/left-open.ts';
import type { Session } from '../../worker/session.ts';

let file: string | undefined;

/** Called before each test and hook: what is open when another file begins is of the one before. */
export function noteFile({ titlePath: [current = ''] }: Pick<TestInfo, 'titlePath'>, session: Session): void {
  if (file !== undefined && file !== current) nameLeftOpen(portOf(session.stack.databaseUrl), titleOf(file));
  file = current;
}

/** Says once of each file that such a connection has ended with its database. */
export function emitLeftOpen(session: Session): void {
  const reported = new Set<string>();
  onLoss((owner = titleOf(file ?? 'a test file')) => {
    if (reported.has(owner)) return;
    reported.add(owner);
    session.emit({ type: 'connection-left-open', owner });
  });
}

function portOf(url: string): number {
  return Number(new URL(url).port || 5432);
}

function titleOf(name: string): string {
  return `${name}, or what it imports,`;
}

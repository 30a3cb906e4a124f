// How the stack was when the test had failed.
import type { SessionNow, StackNow } from './failure.ts';
import { oneLine } from './statements-text.ts';

export function stackText({ title, servers, sessions }: StackNow): string {
  const lines = [
    ...servers.map(({ name, is, restarts }) => {
      const again = restarts === 0 ? '' : `, started again ${restarts === 1 ? 'once' : `${restarts} times`}`;
      return `server "${name}": ${is}${again}`;
    }),
    `connections: ${sessions.length}`,
    ...sessions.filter(isAtWork).map(sessionText),
  ];
  return `${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

/** In a transaction, or waiting. */
function isAtWork({ state, transaction, blockedBy }: SessionNow): boolean {
  return blockedBy.length > 0 || transaction !== null || state === 'active';
}

function sessionText({ pid, application, state, query, transaction, blockedBy }: SessionNow): string {
  const since = transaction === null ? '' : `, transaction open for ${Math.round(transaction)} ms`;
  const waits = blockedBy.length > 0 ? `, waits for session ${blockedBy.join(', ')}` : '';
  return `session ${pid}${application && ` (${application})`}: ${state}${since}${waits}: ${oneLine(query)}`;
}

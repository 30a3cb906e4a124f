// What was written to a stack's databases since a moment, by whomever, and the moment that it is now.
import type { Deltas, Marks } from '../../lease/protocol.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { withClient } from '../../postgres/client/connection.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import { openControl } from '../../rewind/control.ts';
import { deltaBetween } from '../../rewind/delta.ts';
import { mark } from '../../rewind/mark.ts';

/** Throws REWIND_IMPOSSIBLE when some of it was not captured. */
export async function writtenSince(
  marks: Marks,
  { databases }: StackInfo,
  postgres: DatabaseServer,
): Promise<{ readonly deltas: Deltas; readonly now: Marks }> {
  const written = await Promise.all(
    databases.map(({ database }, index) =>
      withClient(postgres.connect({ purpose: `prelude of ${database}`, database }), async (client) => {
        const control = await openControl(client);
        return { delta: await deltaBetween(control, marks[index] ?? 0), now: await mark(control) };
      }),
    ),
  );
  return { deltas: written.map(({ delta }) => delta), now: written.map(({ now }) => now) };
}

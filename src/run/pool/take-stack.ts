// How a new lease gets its stack, and a slot of the machine for its first group of tests.
import type { ServersAre } from '../../lease/protocol.ts';
import type { GroupSlot } from './group-slot.ts';
import type { ReopenableStack } from './reopenable-stack.ts';

/** The worker has ended while its stack opened, or waited: what became of the stack meanwhile is nobody's failure. */
export class WorkerGone extends Error {}

type Takeable = Pick<ReopenableStack, 'take' | 'takeAgain' | 'release'>;

/** Who waits for connections of an existing server has no slot of the machine, and who waits for a slot offers its connections. */
export async function takeStack(stack: Takeable, group: GroupSlot): Promise<ServersAre> {
  for (;;) {
    const servers = await stack.take();
    const begins = await group.begin(() => {
      stack.release().catch(() => {}); // What fails shows when it is taken.
    });
    if (begins === 'gone') throw new WorkerGone('the worker has ended');
    if (begins !== 'later' || (await stack.takeAgain())) return servers;
    group.end();
  }
}

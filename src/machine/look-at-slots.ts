// For `status`: which runs have slots of the machine now.
import { once } from 'node:events';
import { sendMessage } from '../json-lines.ts';
import { inTime } from '../wait.ts';
import { meet, meetingFolder } from './meeting-place.ts';
import { isOwnFolder } from './own-folder.ts';
import type { RunSlots } from './slot-table.ts';
import type { SlotReply } from './wire.ts';

const ANSWER_TIMEOUT_MS = 2_000;

/** None where no run shares the machine, or the one that counts does not answer. */
export async function lookAtSlots(folder: string = meetingFolder()): Promise<readonly RunSlots[]> {
  if (!isOwnFolder(folder)) return [];
  // Its timer keeps the process: the connection does not.
  return (await inTime(ANSWER_TIMEOUT_MS, ask(folder))) ?? [];
}

async function ask(folder: string): Promise<readonly RunSlots[] | undefined> {
  let answer: (runs: readonly RunSlots[]) => void = () => {};
  const answered = new Promise<readonly RunSlots[]>((resolve) => {
    answer = resolve;
  });
  const receive = (reply: SlotReply) => {
    if (reply.type === 'runs') answer(reply.runs);
  };
  const socket = await meet(folder, receive);
  if (!socket) return undefined;
  const lost = once(socket, 'close').then(() => undefined);
  sendMessage(socket, { type: 'look' });
  const runs = await Promise.race([answered, lost]);
  socket.destroy();
  return runs;
}

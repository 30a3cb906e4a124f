// Where the runs of a user on a machine find the one that counts the slots: a socket in a folder that only the user may enter.
import { readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { onMessage } from '../json-lines.ts';
import { becomeOnly } from './only-one.ts';
import { ensureOwnFolder, isOwnFolder, ownFolder } from './own-folder.ts';
import { serveSlots } from './slot-service.ts';
import { type SlotReply, WIRE_VERSION } from './wire.ts';

/** For tests of ours: runs that name another folder do not meet. */
const FOLDER_VARIABLE = 'PLAYWRIGHT_STACKS_MACHINE';

/** Milliseconds in which the run that counts has to greet: its runner may be busy, or stopped. */
const GREETING_TIMEOUT_MS = 1_000;

export function meetingFolder(): string {
  return process.env[FOLDER_VARIABLE] ?? ownFolder('slots');
}

/** Containers that share /tmp only do not meet: what makes one run the only one that counts does not reach that far. */
function socketIn(folder: string): string {
  return join(folder, `${WIRE_VERSION}-${networkNamespace()}.sock`);
}

function networkNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/net').replace(/\D/g, '');
  } catch {
    return '0'; // macOS
  }
}

/** A connection to the run that counts, in a folder that is the user's own. Undefined: there is none, or it does not answer. */
export async function meet(folder: string, receive: (reply: SlotReply) => void): Promise<Socket | undefined> {
  const socket = connect(socketIn(folder)).unref();
  socket.on('error', () => {}); // 'close' follows
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), GREETING_TIMEOUT_MS).unref();
    const settle = (met: Socket | undefined) => {
      clearTimeout(timer);
      resolve(met);
    };
    socket.once('close', () => settle(undefined));
    onMessage<SlotReply>(socket, (reply) => (reply.type === 'hello' ? settle(socket) : receive(reply)));
  });
}

/** Counts the slots from now on, for all that meet here. Undefined: another run does already. */
export async function count(folder: string, after: 'nobody' | 'another'): Promise<(() => Promise<void>) | undefined> {
  const path = socketIn(folder);
  const stepBack = await becomeOnly(path);
  if (!stepBack) return undefined;
  try {
    ensureOwnFolder(folder); // whoever counted last may have removed it
    rmSync(path, { force: true }); // of one that was killed
    const service = await serveSlots(path, after);
    return async () => {
      await service.close();
      remove(folder);
      await stepBack();
    };
  } catch (error) {
    await stepBack();
    throw error;
  }
}

/** Removes what a run that was killed while it counted has left, unless another one counts now. */
export async function tidy(folder: string = meetingFolder()): Promise<void> {
  if (!isOwnFolder(folder)) return;
  const path = socketIn(folder);
  const stepBack = await becomeOnly(path);
  if (!stepBack) return;
  rmSync(path, { force: true });
  remove(folder);
  await stepBack();
}

function remove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another version's socket is in it.
  }
}

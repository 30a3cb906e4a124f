// Who Postgres runs as: it refuses to be root, so a runner that is root lends it uid 65534 (nobody); no user need be created.
import { access, chown, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, StacksError } from '../../errors.ts';

export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/** The user to spawn Postgres with; undefined: the one we are. */
export function postgresUser(): PostgresUser | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
}

/** The mode of a folder of ours that Postgres's user has to pass: nobody else but us may list, and none may write it. */
export const ENTERED_BY_POSTGRES: number = postgresUser() ? 0o711 : 0o700;

/** The uid that owns what Postgres reads and writes. */
export function postgresUid(): number {
  return postgresUser()?.uid ?? process.getuid?.() ?? 0;
}

/** Makes a folder that belongs to Postgres's user and that no one else may enter, in one that only we may write. */
export async function makePostgresFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const user = postgresUser();
  if (!user) return;
  await chown(folder, user.uid, user.gid).catch((cause) => {
    throw new StacksError(
      'POSTGRES_FAILED',
      `${folder} cannot be given to uid ${user.uid}, as whom Postgres has to run.`,
      {
        facts: { reason: messageOf(cause) },
        hint: 'run as another user than root, or set `database.url` to a server of your own.',
        cause,
      },
    );
  });
}

/** The folder at or above `folder` that `user` may not enter, nearest the root; undefined: there is none. */
export async function closedFolder(folder: string, user: PostgresUser | undefined): Promise<string | undefined> {
  if (!user) return undefined;
  const parent = dirname(folder);
  const above = parent === folder ? undefined : await closedFolder(parent, user);
  if (above) return above;
  return (await allows(folder, user, 0o1)) ? undefined : folder;
}

/** Whether `path` gives `user` all of `bits` (4 read, 2 write, 1 enter or execute): of another user by its permission bits. */
export async function allows(path: string, user: PostgresUser | undefined, bits: number): Promise<boolean> {
  const { uid, gid, mode } = await stat(path);
  if (!user) return access(path, bits).then(isSo, isNot); // of all groups that we are in, and by its access list
  const granted = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode;
  return (granted & bits) === bits;
}

const isSo = () => true;
const isNot = () => false;

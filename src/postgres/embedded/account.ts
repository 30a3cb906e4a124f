// Whether Postgres's user has a name on this machine, which `initdb` asks for and `docker run -u 12345` does not give.
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { StacksError } from '../../errors.ts';
import { postgresUid } from './postgres-user.ts';

/** What a run would throw that finds no cluster to copy. */
export async function missingAccount(): Promise<StacksError | undefined> {
  if (await hasAccount(postgresUid())) return undefined;
  return noAccount();
}

export function noAccount(cause?: unknown): StacksError {
  const uid = postgresUid();
  return new StacksError('POSTGRES_FAILED', `uid ${uid} has no entry in /etc/passwd, and initdb needs one.`, {
    hint: `give it one (in a Dockerfile: \`RUN echo 'tests:x:${uid}:0::/tmp:/bin/sh' >> /etc/passwd\`; with \`docker run -u\`, mount the host’s file there), run as a user that has one, or set \`database.url\` to a server of your own.`,
    cause,
  });
}

async function hasAccount(uid: number): Promise<boolean> {
  try {
    if (uid === process.getuid?.()) return userInfo().uid === uid; // wherever accounts are kept
    return new RegExp(`^[^:]*:[^:]*:${uid}:`, 'm').test(await readFile('/etc/passwd', 'utf8'));
  } catch {
    return false; // Node finds no name for it, or there is no such file
  }
}

// Who may log in to the embedded server, and how. Not in its data: what Postgres's user may write decides nothing.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes it to `folder`, which only we may write, and returns its path. */
export async function writeHba(folder: string): Promise<string> {
  const file = join(folder, 'pg_hba.conf');
  await writeFile(file, HBA, { flag: 'wx' });
  await chmod(file, 0o644); // Whatever the umask: Postgres may run as another user.
  return file;
}

// The socket lies in a folder that only Postgres's user may enter.
const HBA = `local all all              trust
host  all all 127.0.0.1/32 scram-sha-256
host  all all ::1/128      scram-sha-256
`;

// The lock service's process: `node lock-service-main.js <folder>`. It ends when nobody is connected any more.
import { becomeOnlyService, ensureLockFolder, lockSocket, removeLockFolder } from './lock-folder.ts';
import { serveLocks } from './lock-service.ts';

const [, , folder] = process.argv;
if (folder && (await becomeOnlyService(folder))) {
  // What ends a whole session must not end what other runs rely on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.umask(0o077);
  ensureLockFolder(folder);
  removeLockFolder(folder); // the socket of one that was killed
  ensureLockFolder(folder);
  const { ended } = await serveLocks(lockSocket(folder));
  await ended;
  removeLockFolder(folder);
}

// Which Postgres the embedded server is started from: the installation that the options name, else the npm packages'.
import { type Binaries, type BinariesChoice, findBinaries } from './binaries.ts';
import { findInstallation } from './installation.ts';

/** @param option the path of the database whose options they are: `database`, `databases.main` */
export async function chooseBinaries(
  root: string,
  choice: BinariesChoice,
  { option, signal }: { readonly option: string; readonly signal: AbortSignal },
): Promise<Binaries> {
  const { binaries: bin } = choice;
  if (bin === undefined) return findBinaries(root);
  return { ...(await findInstallation({ bin, option: `${option}.binaries`, signal })), choice };
}

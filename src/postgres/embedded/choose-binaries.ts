// Which Postgres the embedded server is started from: the installation that the options name, else the npm packages'; and
// the extensions that it is to find elsewhere.
import { type Binaries, type BinariesChoice, findBinaries } from './binaries.ts';
import { findExtensions, refuseOlder } from './extension-path.ts';
import { findInstallation } from './installation.ts';

/** @param option the path of the database whose options they are: `database`, `databases.main` */
export async function chooseBinaries(
  root: string,
  choice: BinariesChoice,
  { option, signal }: { readonly option: string; readonly signal: AbortSignal },
): Promise<Binaries> {
  const { binaries: bin, extensionPath = [] } = choice;
  const found =
    bin === undefined
      ? await findBinaries(root)
      : await findInstallation({ bin, option: `${option}.binaries`, signal });
  if (extensionPath.length === 0) return { ...found, choice };
  const { major, version, identity } = found;
  refuseOlder(major, version, `${option}.extensionPath`);
  const extensions = await findExtensions(extensionPath, major, `${option}.extensionPath`);
  return { ...found, choice, extensions, identity: `${identity} ${extensions.identity}` };
}

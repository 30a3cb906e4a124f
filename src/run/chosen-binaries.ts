// The Postgres that a run's embedded server is started from, as its options say.
import type { ResolvedStacks } from '../config/resolved.ts';
import type { Binaries } from '../postgres/embedded/binaries.ts';
import { chooseBinaries } from '../postgres/embedded/choose-binaries.ts';

export async function chosenBinaries({ root, variants }: ResolvedStacks, signal: AbortSignal): Promise<Binaries> {
  const [first] = variants.values();
  const { binaries, extensionPath, option = '' } = first?.database ?? {};
  return chooseBinaries(root, { binaries, extensionPath }, { option, signal });
}

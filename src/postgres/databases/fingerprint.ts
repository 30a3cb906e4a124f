// What a template was made from, in one short name: when it changes, the template is made anew.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import type { ResolvedDatabase, Task } from '../../config/resolved.ts';
import { StacksError } from '../../errors.ts';

/** Raised when the same inputs would now make another template. */
const TEMPLATE_FORMAT = 1;

export type FingerprintInputs = Pick<
  ResolvedDatabase,
  'inputs' | 'migrate' | 'seed' | 'extensions' | 'role' | 'env' | 'option'
>;

export interface Fingerprint {
  /** Of all that the template is made from: 16 hex digits. */
  readonly key: string;
  /** Digests of the files, by their paths. */
  readonly files: Readonly<Record<string, string>>;
  /** The digest of what is no file: commands, options, the server. */
  readonly rest: string;
}

/**
 * Undefined when there are no `inputs`: the template is good for this run only.
 * @param identity the server's: version, locale, platform
 * @throws INPUTS_EMPTY naming the globs that match no file
 */
export async function fingerprint(
  database: FingerprintInputs,
  root: string,
  identity: string,
): Promise<Fingerprint | undefined> {
  if (database.inputs === undefined) return undefined;
  const { migrate, seed, extensions, role, env } = database;
  const platform = `${process.platform}-${process.arch}`;
  const steps = [source(migrate), source(seed), env];
  const rest = JSON.stringify([TEMPLATE_FORMAT, identity, platform, ...steps, extensions, role]);
  const hash = createHash('sha256').update(rest);
  const files = await addFiles(hash, database.inputs, `${database.option}.inputs`, root);
  return { key: short(hash), files, rest: short(createHash('sha256').update(rest)) };
}

/**
 * Of the files that globs match, by their names and contents.
 * @param option as the user wrote it: `build.inputs`
 * @throws INPUTS_EMPTY naming the globs that match no file
 */
export async function digestOfInputs(inputs: readonly string[], option: string, root: string): Promise<string> {
  const hash = createHash('sha256');
  await addFiles(hash, inputs, option, root);
  return hash.digest('hex');
}

/** Returns their digests, by path. */
async function addFiles(
  hash: Hash,
  inputs: readonly string[],
  option: string,
  root: string,
): Promise<Record<string, string>> {
  const digests: [string, string][] = [];
  for (const file of await matchedFiles(inputs, option, root)) {
    await refuseEndless(file, option, root);
    const digest = await digestOf(join(root, file));
    hash.update(`\n${JSON.stringify(file)} ${digest}`);
    digests.push([file, digest.slice(0, 16)]);
  }
  return Object.fromEntries(digests);
}

function short(hash: Hash): string {
  return hash.digest('hex').slice(0, 16);
}

/** In pieces: a dump may have gigabytes. */
async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(piece);
  return hash.digest('hex');
}

function source(task: Task | undefined): string | null {
  if (!task) return null;
  return task.kind === 'command' ? `command ${task.command}` : `function ${task.run}`;
}

/** Relative to `root`, sorted, each once. */
async function matchedFiles(inputs: readonly string[], option: string, root: string): Promise<string[]> {
  const excluded = inputs.filter((input) => input.startsWith('!')).map((input) => input.slice(1));
  const options = { cwd: root, dot: true, ignore: ['**/node_modules/**', ...excluded] };
  const found = new Set<string>();
  const empty: string[] = [];
  for (const [index, input] of inputs.entries()) {
    if (input.startsWith('!')) continue;
    const files = await glob(input, options);
    if (files.length === 0) empty.push(`\`${option}[${index}]\` ("${input}")`);
    for (const file of files) found.add(file);
  }
  if (empty.length > 0 || found.size === 0) throw noFile(empty, option, root);
  return [...found].sort();
}

/** What is no file is not read: its end may never come. */
async function refuseEndless(file: string, option: string, root: string): Promise<void> {
  if ((await stat(join(root, file))).isFile()) return;
  throw new StacksError('INPUTS_EMPTY', `"${file}", which \`${option}\` matches, is a FIFO, a socket or a device.`, {
    facts: { folder: root },
    hint: `leave it out: add "!${file}" to \`${option}\`.`,
  });
}

/** @param globs those that match none, as they are named; none of them: there are only exclusions */
function noFile(globs: readonly string[], option: string, root: string): StacksError {
  const [only = `\`${option}\``, ...others] = globs;
  const isOne = others.length === 0;
  const summary = isOne ? `${only} matches no file.` : `${globs.length} globs of \`${option}\` match no file:`;
  return new StacksError('INPUTS_EMPTY', summary, {
    ...(isOne ? {} : { items: globs }),
    facts: { folder: root },
    hint: `globs in \`${option}\` are relative to the folder of the Playwright config.`,
  });
}

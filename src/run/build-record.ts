// What the last build of a project was made from and what it left, so that it is not repeated when neither has changed.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readRecord, writeRecord } from './project-record.ts';

interface BuildRecord {
  readonly key: string;
  readonly outputs: string;
}

/** More files than that are not looked at one by one. */
const MOST_FILES = 50_000;
const MOST_BYTES = 32 * 2 ** 20;
/** Of all that are read. */
const MOST_BYTES_READ = 512 * 2 ** 20;

/** Whether the build that `key` stands for has left what is in `outputs`. */
export async function isBuilt(root: string, key: string, outputs: readonly string[]): Promise<boolean> {
  const record: Partial<BuildRecord> = Object(await readRecord('build', root));
  return record.key === key && record.outputs === digestOf(filesOf(root, outputs));
}

export async function noteBuilt(root: string, key: string, outputs: readonly string[]): Promise<void> {
  const files = filesOf(root, outputs);
  if (files === undefined || files.length === 0) return;
  const record: BuildRecord = { key, outputs: digestOf(files) ?? '' };
  await writeRecord('build', root, () => record);
}

/** The first of the outputs in which one of `texts` is found: it was made for one database, which is gone. */
export function findIn(root: string, outputs: readonly string[], texts: readonly string[]): string | undefined {
  let left = MOST_BYTES_READ;
  return filesOf(root, outputs)?.find(({ path, size, link }) => {
    if (link !== undefined || size > Math.min(MOST_BYTES, left)) return false;
    left -= size;
    const content = contentOf(join(root, path));
    return texts.some((text) => content.includes(text));
  })?.path;
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // It was removed meanwhile, or is not ours to read.
  }
}

interface File {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Where a symbolic link leads, which is not followed. */
  readonly link?: string;
}

/** Undefined: too many. */
function filesOf(root: string, outputs: readonly string[]): File[] | undefined {
  const files: File[] = [];
  const open = [...outputs];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const found = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (found?.isDirectory()) for (const name of readdirSync(join(root, path))) open.push(join(path, name));
    else if (found?.isFile()) files.push({ path, size: found.size, mtimeMs: found.mtimeMs });
    else if (found?.isSymbolicLink()) files.push({ path, size: 0, mtimeMs: 0, link: readlinkSync(join(root, path)) });
    if (files.length > MOST_FILES) return undefined;
  }
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function digestOf(files: readonly File[] | undefined): string | undefined {
  if (files === undefined) return undefined;
  return createHash('sha256')
    .update(JSON.stringify(files.map((file) => Object.values(file))))
    .digest('hex');
}

// The objects that were made in a slot's repository, taken into the run's, on which a fresh one of the slot is, too.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyObjects } from './copy-objects.ts';
import { git } from './git.ts';
import type { Worktree } from './run-repository.ts';

/**
 * @param env of git commands on the slot's objects, whatever has become of its repository
 * @param to the run's repository
 */
export async function takeOwnObjects(
  { bare }: Pick<Worktree, 'bare'>,
  env: Readonly<Record<string, string>>,
  to: string,
): Promise<void> {
  const objects = join(bare, 'objects');
  try {
    const list = [...looseObjects(objects), ...(await packedObjects(objects, env))];
    if (list.length > 0) await copyObjects({ cwd: bare, env, of: 'names', list }, to);
  } catch (cause) {
    throw new Error('what hooks or worker fixtures committed or staged is damaged or gone', { cause });
  }
}

function looseObjects(objects: string): string[] {
  const folders = readdirSync(objects).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return folders.flatMap((folder) =>
    readdirSync(join(objects, folder)).flatMap((rest) => (/^[0-9a-f]{38,}$/.test(rest) ? [`${folder}${rest}`] : [])),
  );
}

async function packedObjects(objects: string, env: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = join(objects, 'pack');
  if (!existsSync(folder)) return [];
  const lists = readdirSync(folder).flatMap((name) =>
    name.endsWith('.idx') ? [git(['show-index'], { cwd: objects, env, input: readFileSync(join(folder, name)) })] : [],
  );
  // `<offset> <name> (<crc>)`
  return (await Promise.all(lists)).flatMap((text) =>
    [...text.matchAll(/^\d+ ([0-9a-f]+)/gm)].map(([, name]) => name ?? ''),
  );
}

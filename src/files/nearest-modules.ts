// Where a package keeps what tools make.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The node_modules of the nearest package above that has one: not made where a project does without. */
export function nearestModules(folder: string): string | undefined {
  const modules = join(folder, 'node_modules');
  if (existsSync(join(folder, 'package.json')) && existsSync(modules)) return modules;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestModules(parent);
}

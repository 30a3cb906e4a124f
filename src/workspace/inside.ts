// Where in a checkout a path is.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** `path` relative to `top`, which is without links; empty: it is that. Undefined: it is outside. */
export function pathInside(top: string, path: string): string | undefined {
  const inside = relative(top, join(realFolder(dirname(path)), basename(path)));
  return inside === '..' || inside.startsWith('../') ? undefined : inside;
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return dirname(folder) === folder ? folder : join(realFolder(dirname(folder)), basename(folder));
  }
}

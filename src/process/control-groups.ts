// The control groups that this process is in, and those above them: where a container's limits are written. Linux only.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Controller = 'memory' | 'cpu';

export interface ControlGroup {
  /** Their files have other names. */
  readonly version: 1 | 2;
  /** Of a file of the group; empty where there is none. */
  read(file: string): string;
}

const MOUNT = 'sys/fs/cgroup';

/** Those that limit `controller`, each before the one above it. A container may see its own as the top, and not those that its path names. */
export function controlGroups(controller: Controller, root = '/'): readonly ControlGroup[] {
  return textOf(join(root, 'proc/self/cgroup'))
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
      if (controllers === '') return upwards(path).map((at) => group(2, join(root, MOUNT, at)));
      if (!controllers?.split(',').includes(controller)) return [];
      return upwards(path).map((at) => group(1, join(root, MOUNT, controller, at)));
    });
}

function group(version: 1 | 2, folder: string): ControlGroup {
  return { version, read: (file) => textOf(join(folder, file)) };
}

function upwards(path: string): readonly string[] {
  return path === '/' ? [path] : [path, ...upwards(dirname(path))];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // there is none
  }
}

// A small project in a temporary folder, and a conversation that is written down.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test as base } from '@playwright/test';
import { type InitOptions, init } from '../init.ts';
import type { Talk } from '../talk.ts';

export interface Tree {
  readonly folder: string;
  readonly write: (files: Readonly<Record<string, string | object>>) => void;
  readonly remove: (paths: readonly string[]) => void;
  readonly read: (file: string) => string;
  /** All files below the folder, without those of git and of node_modules. */
  readonly files: () => string[];
}

export const test = base.extend<{ tree: Tree }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's source.
  tree: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'init-'));
    const tree: Tree = {
      folder,
      write: (files) => {
        for (const [file, content] of Object.entries(files)) {
          mkdirSync(dirname(join(folder, file)), { recursive: true });
          writeFileSync(
            join(folder, file),
            typeof content === 'string' ? content : JSON.stringify(content, undefined, 2),
          );
        }
      },
      remove: (paths) => {
        for (const path of paths) rmSync(join(folder, path), { recursive: true, force: true });
      },
      read: (file) => readFileSync(join(folder, file), 'utf8'),
      files: () =>
        (readdirSync(folder, { recursive: true }) as string[])
          .filter((file) => !/^(\.git|node_modules)(\/|$)/.test(file) && /\.\w+$/.test(file))
          .sort(),
    };
    // Nothing above it is the project's.
    tree.write({ '.git/HEAD': '' });
    await use(tree);
    rmSync(folder, { recursive: true, force: true });
  },
});

export interface Told {
  readonly code: number;
  readonly text: string;
  /** What `doctor --app` was called with. */
  readonly looked: readonly (readonly string[])[];
}

/** Runs init as with `--yes`, or as the answers have it. */
export async function initIn(
  { folder }: Tree,
  options: Partial<Pick<InitOptions, 'config' | 'writes' | 'skill' | 'local'>> & {
    readonly answers?: readonly (boolean | number)[];
  } = {},
): Promise<Told> {
  const { answers, ...rest } = options;
  const left = [...(answers ?? [])];
  const said: string[] = [];
  const looked: (readonly string[])[] = [];
  const answer = (question: string) => {
    said.push(question);
    return left.shift();
  };
  const talk: Talk = {
    say: (text) => said.push(text),
    confirm: async (question) => (answers ? (answer(question) as boolean | undefined) : true),
    choose: async (question) => (answers ? (answer(question) as number | undefined) : undefined),
    isAttended: answers !== undefined,
  };
  const doctorApp = async (args: readonly string[]) => {
    looked.push(args);
    return 0;
  };
  const code = await init({
    folder,
    config: undefined,
    skill: 'none',
    writes: 'asked',
    talk,
    doctorApp,
    local: [],
    ...rest,
  });
  return { code, text: said.join('\n'), looked };
}

// The files in which a front end names its back end, and the tools that read them: a proxy of Vite's, rewrites of
// Next.js'. Found in the folders that a server's command is about.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from './source-files.ts';
import { sourceFiles, withScripts } from './source-files.ts';

interface Kind {
  readonly file: RegExp;
  /** A command that may read it. */
  readonly tool: RegExp;
  /** A command that does, and serves by it. */
  readonly serves: RegExp;
}

const VITE = /\bvite(?![\w-])(?!\s+(?:build|optimize)\b)/;

const KINDS: readonly Kind[] = [
  {
    file: /^vite\.config\.[cm]?[jt]s$/,
    tool: /\b(?:vite(?!\s+(?:build|optimize)\b)|vinxi|react-router|remix|storybook|vitepress)\b/,
    serves: new RegExp(`${VITE.source}|\\b(?:vinxi|react-router|remix|storybook|vitepress)\\s+(?:vite:)?dev\\b`),
  },
  {
    file: /^next\.config\.[cm]?[jt]s$/,
    tool: /\bnext(?!\s+build\b)\b/,
    serves: /\bnext(?:\s+(?:dev|start)\b|(?=\s*(?:-|$)))(?!-)/,
  },
  {
    file: /^nuxt\.config\.[cm]?[jt]s$/,
    tool: /\bnux[ti](?!\s+(?:build|generate)\b)\b/,
    serves: /\bnux[ti]\s+(?:dev|preview)\b/,
  },
  { file: /^astro\.config\.[cm]?[jt]s$/, tool: /\bastro(?!\s+build\b)\b/, serves: /\bastro\s+(?:dev|preview)\b/ },
  { file: /^svelte\.config\.[cm]?[jt]s$/, tool: /\bvite(?!\s+build\b)\b/, serves: VITE },
  {
    file: /^vue\.config\.[cm]?[jt]s$/,
    tool: /\bvue-cli-service(?!\s+build\b)\b/,
    serves: /\bvue-cli-service\s+serve\b/,
  },
  {
    file: /^webpack[\w.-]*\.[cm]?[jt]s$/,
    tool: /\bwebpack(?:-dev-server|\s+s(?:erve)?)\b/,
    serves: /\bwebpack(?:-dev-server|\s+s(?:erve)?)\b/,
  },
  {
    file: /^proxy[\w-]*\.conf[\w.-]*\.(?:json|[cm]?js)$/,
    tool: /\b(?:ng|nx)\s+(?:s|serve|dev|run)\b/,
    serves: /\b(?:ng|nx)\s+s(?:erve)?\b/,
  },
  {
    file: /^(?:setupProxy\.[cm]?[jt]s|package\.json)$/,
    tool: /\b(?:react-scripts|craco|react-app-rewired)\s+start\b/,
    serves: /\b(?:react-scripts|craco|react-app-rewired)\s+start\b/,
  },
];

/** A config that a command may read. */
interface FrontEndConfig {
  /** Absolute. */
  readonly path: string;
  /** The command is one that serves by it; else it may only build, or run what reads another. */
  readonly isServed: boolean;
}

/** They run what the command does not say. */
const RUNNERS = /\b(?:turbo|lerna|moon|wireit|concurrently|npm-run-all|run-[ps])\b/;
/** Of one folder of several: `npm run dev -w web`, `npm --prefix web start`, `pnpm --filter web dev`. */
const OTHER_FOLDER = /\s(?:-w|--workspace|--prefix|-C|--dir|--cwd|--filter|-F)[=\s]+(['"]?)([\w@./-]+)\1/g;
const YARN_WORKSPACE = /\byarn\s+workspace\s+([\w@./-]+)/g;

/** `command`, the scripts that it runs, also in other folders of the repository, and all folders that they name. */
export function reachedBy(command: Command): {
  readonly texts: readonly Command[];
  readonly folders: readonly string[];
} {
  const texts = withScripts([command, ...inOtherFolders(command)]);
  return { texts, folders: [...new Set(texts.flatMap((each) => [each.cwd, ...foldersIn(each)]))] };
}

/** Those that `command` may read. */
export function frontEndConfigs(command: Command): FrontEndConfig[] {
  const { texts, folders } = reachedBy(command);
  const programs = sourceFiles(texts).map(({ text }) => text);
  const runsOthers = texts.some(({ text }) => RUNNERS.test(text));
  const isRead = ({ tool }: Kind) =>
    runsOthers ||
    texts.some(({ text }) => tool.test(text)) ||
    // A server of its own that has the tool within: `import { createServer } from 'vite'`.
    programs.some((text) => new RegExp(`['"](?:${NAMES})['"]`).test(text) && tool.test(text));
  const kinds = KINDS.filter(isRead);
  return folders.flatMap((folder) =>
    [folder, join(folder, 'src')].flatMap((at) =>
      namesIn(at).flatMap((name) => {
        const kind = kinds.find(({ file }) => file.test(name));
        if (!kind) return [];
        const isServed = !runsOthers && texts.some(({ text }) => kind.serves.test(text));
        return [{ path: join(at, name), isServed }];
      }),
    ),
  );
}

const NAMES = 'vite|next|nuxt|astro';

/** The same command in the folder that its options name, and without them. */
function inOtherFolders({ text, cwd }: Command): Command[] {
  return withScripts([{ text, cwd }]).flatMap((each) => {
    const named = [...each.text.matchAll(OTHER_FOLDER)].map(([, , name = '']) => name);
    const ofYarn = [...each.text.matchAll(YARN_WORKSPACE)].map(([, name = '']) => name);
    const bare = each.text.replace(OTHER_FOLDER, '').replace(YARN_WORKSPACE, 'yarn');
    const folders = [...named, ...ofYarn].flatMap((name) => workspaceFolders(each.cwd, name));
    return folders.map((folder) => ({ text: bare, cwd: folder }));
  });
}

/** Where a workspace is, by its folder or, as most are called, by the last part of its name. */
function workspaceFolders(root: string, name: string): string[] {
  const last = name.split('/').at(-1) ?? name;
  return [name, last, `apps/${last}`, `packages/${last}`].map((each) => resolve(root, each)).filter(isFolder);
}

/** Folders that a command names: `vite web`, `cd web && npm run dev`, `--config web/vite.config.ts`. */
function foldersIn({ text, cwd }: Command): string[] {
  const words = text.split(/[\s;&|()'"=]+/).filter((word) => /^[\w.@][\w.@/-]*$/.test(word));
  return words
    .flatMap((word) => [resolve(cwd, word), resolve(cwd, word, '..')])
    .filter((path) => path.startsWith(cwd) && isFolder(path) && !path.includes('node_modules'));
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Most projects have no `src` there, and a server's `cwd` may not be there yet.
  }
}

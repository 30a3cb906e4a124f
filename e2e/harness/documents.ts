// README, CONTRIBUTING and docs/ as data: their code blocks, headings and links.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './home.ts';

export interface CodeBlock {
  /** `README.md`, `docs/recipes/shards.md`. */
  readonly page: string;
  readonly language: string;
  /** The file that the block's first line names in a comment: `playwright.config.ts`. */
  readonly file: string | undefined;
  readonly code: string;
}

export interface Document {
  readonly page: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
  /** As GitHub makes them of the headings. */
  readonly anchors: readonly string[];
  /** The targets of links and pictures, without those in code. */
  readonly links: readonly string[];
}

const BLOCK = /^ *```(\S*)\n([\s\S]*?)^ *```$/gm;

export const documents: readonly Document[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
]
  .sort()
  .map(read);

function read(page: string): Document {
  const text = readFileSync(path.join(root, page), 'utf8');
  const prose = text.replace(BLOCK, '').replace(/`[^`\n]*`/g, 'code');
  return {
    page,
    text,
    blocks: [...text.matchAll(BLOCK)].map(([, language = '', code = '']) => ({
      page,
      language,
      file: code.match(/^(?:\/\/|#) (\S+\.\w+)\n/)?.[1],
      code,
    })),
    anchors: [...text.replace(BLOCK, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading)),
    links: [...prose.matchAll(/(?:\]\(|\ssrc(?:set)?=")([^)"\s]+)/g)].map(([, target = '']) => target),
  };
}

function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

// The page as it was built (page/build.mjs): three files, which are read once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

export function readPageFiles(folder: string = fileURLToPath(new URL('page', import.meta.url))): PageFiles {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { script: read('board.js'), style: read('board.css') };
}

/** @param style and @param script elements, or what refers to them */
export function pageHtml(style: string, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>playwright-stacks</title>
<link rel="icon" href="data:,">
${style}
</head>
<body>
<div id="board"></div>
<noscript>This page needs JavaScript.</noscript>
${script}
</body>
</html>
`;
}

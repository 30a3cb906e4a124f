// The skill for coding agents: docs/for-agents.md, as the package has it, with the head that such files have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from './project.ts';
import type { Talk } from './talk.ts';
import { type PlannedFile, readIfThere } from './write.ts';

const HEAD = `---
name: playwright-stacks
description: How to run this project's Playwright tests, each on its own database and servers, find out why one failed, and look into its database. Use it when end-to-end tests are run, written or repaired.
---

`;
const PAGES = 'node_modules/playwright-stacks/docs';

/** None where there is one: somebody may have edited it. */
export function skillFile(folder: string, talk: Talk): PlannedFile[] {
  const place = isFolder(join(folder, '.agents')) && !isFolder(join(folder, '.claude')) ? '.agents' : '.claude';
  const path = join(folder, place, 'skills/playwright-stacks/SKILL.md');
  const page = readFileSync(new URL('../../docs/for-agents.md', import.meta.url), 'utf8');
  // Its links are for the folder that the page is in.
  const content = HEAD + page.replace(/\]\((?!https?:|#)/g, `](${PAGES}/`);
  const before = readIfThere(path);
  if (before !== undefined && before !== content)
    talk.say(
      `${place}/skills/playwright-stacks/SKILL.md is another, and stays. Remove it to have that of this version.`,
    );
  return before === undefined ? [{ path, content, before }] : [];
}

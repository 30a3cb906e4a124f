// The user's Playwright, and a browser for it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Check } from './check.ts';

const OLDEST = [1, 50] as const;

export function checkPlaywright(folder: string): Check {
  const manifest = resolve(folder, '@playwright/test/package.json');
  const todo = 'npm install --save-dev @playwright/test';
  if (!manifest) return { state: 'fail', found: '@playwright/test is not installed', todo };
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const found = `@playwright/test ${version}`;
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return { state: 'ok', found };
  return { state: 'fail', found, todo: `${todo}@latest (${OLDEST.join('.')} or newer)` };
}

export function checkBrowser(folder: string): Check {
  const todo = 'npx playwright install chromium (unless your projects use another browser, or a channel)';
  const path = chromiumOf(folder);
  if (path && existsSync(path)) return { state: 'ok', found: path };
  return { state: 'warn', found: 'Playwright’s Chromium is not installed', todo };
}

function chromiumOf(folder: string): string | undefined {
  const entry = resolve(folder, '@playwright/test');
  if (!entry) return undefined;
  const playwright = createRequire(entry)(entry) as { chromium: { executablePath(): string } };
  return playwright.chromium.executablePath();
}

function resolve(folder: string, name: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(name);
  } catch {
    return undefined; // not installed
  }
}

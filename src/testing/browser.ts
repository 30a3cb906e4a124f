// A real browser for tests of what runs in one: Playwright's own, else the system's.
import { type Browser, chromium } from '@playwright/test';
import { findBrowser } from '../../fixtures/browser.mjs';

export async function launch(): Promise<Browser> {
  const found = findBrowser();
  if (!found) throw new Error('no browser: `node fixtures/ensure-browser.mjs` gets one');
  const executable = found.kind === 'system' ? { executablePath: found.path } : {};
  return chromium.launch({ ...executable, args: ['--no-sandbox'] });
}

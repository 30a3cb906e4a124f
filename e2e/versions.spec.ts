// The oldest supported version of Playwright: what is private in it works as src/playwright/private.ts says. All of them:
// `npm run test:matrix`.

import { beside, withInstallation } from './harness/installation.ts';
import { passesIn } from './harness/passes-in.ts';
import { test } from './harness/test.ts';

test('@playwright/test 1.50.1', { tag: '@matrix' }, async ({ home }) => {
  test.setTimeout(150_000);
  await withInstallation('version', beside(home, '@playwright/test@1.50.1'), async (installation) => {
    await passesIn(installation);
  });
});

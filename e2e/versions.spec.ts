// The oldest supported version of Playwright: what is private in it works as src/playwright/private.ts says. All of them:
// `npm run test:matrix`.
import { passesIn } from './harness/passes-in.ts';
import { beside, inPlace } from './harness/place.ts';
import { test } from './harness/test.ts';

test('@playwright/test 1.50.1', async ({ home }) => {
  test.setTimeout(150_000);
  await inPlace('version', beside(home, '@playwright/test@1.50.1'), async (place) => {
    await passesIn(place);
  });
});

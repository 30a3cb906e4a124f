// The oldest supported versions of Playwright: what is private in it works as src/playwright/private.ts says. All of them:
// `npm run test:matrix`.
import { passesIn } from './harness/passes-in.ts';
import { beside, inPlace } from './harness/place.ts';
import { test } from './harness/test.ts';

for (const version of ['1.50.1', '1.57.0']) {
  test(`@playwright/test ${version}`, async ({ home }) => {
    test.setTimeout(150_000);
    await inPlace('version', beside(home, `@playwright/test@${version}`), async (place) => {
      await passesIn(place);
    });
  });
}

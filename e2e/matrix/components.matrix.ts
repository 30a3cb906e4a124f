// Component testing beside isolated tests: its pages are served where PLAYWRIGHT_TEST_BASE_URL says.
import getPort from 'get-port';
import { configText } from '../harness/config-text.ts';
import { beside, withInstallation } from '../harness/installation.ts';
import { expect, test } from '../harness/test.ts';

/** All of one version: component testing lags behind Playwright. */
const PACKAGES = [
  ...['@playwright/test@1.62.1', '@playwright/experimental-ct-react@1.62.1'],
  ...['react@19.2.0', 'react-dom@19.2.0'],
];

test('components are mounted in projects with and without a stack, beside an isolated one', ({ home }) =>
  withInstallation('components', beside(home, ...PACKAGES), async ({ sandbox }) => {
    const executable = JSON.stringify(process.env.CHROMIUM_PATH);
    const config = `
      use: { ctPort: ${await getPort()}, launchOptions: { executablePath: ${executable}, args: ['--no-sandbox'] } },
      projects: [
        { name: 'components', testDir: 'components' },
        { name: 'unstacked', testDir: 'components', use: { isolation: 'off' } as object },
        { name: 'isolated' },
      ],`;
    const mini = await sandbox.project('mini', {
      mayWrite: ['playwright/.cache/'],
      files: {
        'playwright.config.ts': configText({ config }).replace('@playwright/test', '@playwright/experimental-ct-react'),
        'playwright/index.html': '<div id="root"></div><script type="module" src="./index.ts"></script>',
        'playwright/index.ts': '',
        'components/Hello.jsx': 'export const Hello = ({ name }) => <p>Hello, {name}</p>;',
        'components/hello.spec.jsx': `
          import { expect, test } from '@playwright/experimental-ct-react';
          import { Hello } from './Hello';
          test('mounts', async ({ mount }) => {
            await expect(await mount(<Hello name="you" />)).toHaveText('Hello, you');
          });
        `,
      },
    });
    const running = await sandbox.start(mini, [], { timeout: 150_000 });
    const { output, exitCode } = await running.done;
    expect(output).toContain('10 passed');
    expect(exitCode).toBe(0);
  }));

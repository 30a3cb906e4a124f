// What init writes of values: never a secret, and an expression as it stands.
import { expect } from '@playwright/test';
import { initIn, test } from './testing/tree.ts';

const MANIFEST = {
  scripts: { start: 'node server.js' },
  devDependencies: { '@playwright/test': '*', 'playwright-stacks': '*' },
};
const config = (env: string) =>
  `export default {\n  webServer: { command: 'PORT=3000 npm start', url: 'http://localhost:3000'${env} },\n};\n`;

test('of a .env file only an origin that is written out is copied; others are said', async ({ tree }) => {
  tree.write({
    'package.json': MANIFEST,
    'playwright.config.ts': config(''),
    '.env': [
      'HOOK=s3cr3tT0kenABC',
      `CALLBACK=http://localhost:3000/hooks/\${HOOK}`,
      'PATHED=http://localhost:3000/in/8f7a6b5c4d3e2f1a',
      'FILLED=$BASE',
      'BASE=http://localhost:3000',
      `LATER=\${BASE}`,
      'MIX=http://localhost:3000,supersecret',
      'TWICE=http://localhost:3000',
      'TWICE=http://localhost:3000',
      "export SITE='http://localhost:3000' # mine",
    ].join('\n'),
    '.env.production': 'AAA=http://localhost:3000\nSITE=http://localhost:3000/prodsecret\n',
  });
  const { text } = await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain(
    `env: { BASE: 'http://localhost:{port}', SITE: 'http://localhost:{port}' },`,
  );
  expect(text).not.toMatch(/s3cr3tT0kenABC|8f7a6b5c4d3e2f1a|supersecret|prodsecret/);
  for (const name of ['CALLBACK', 'PATHED', 'LATER', 'MIX', 'TWICE']) {
    expect(text).toContain(`${name} of .env names the development server: give it to the server's env`);
  }
  expect(text).toContain('AAA of .env.production names the development server');
});

test("an expression of the config's env is copied as it is, and a secret is not copied", async ({ tree }) => {
  const env = `, env: { MODE: process.env.MODE ?? 'y', NAMED: mode, PLAIN: 'p', SELF: process.env.SELF || 'http://localhost:3000', API_TOKEN: 'abcdef0123456789abcdef' }`;
  tree.write({
    'package.json': MANIFEST,
    'playwright.config.ts': `const mode = process.env.MODE || 'fallback';\n${config(env)}`,
  });
  const { text } = await initIn(tree);
  const written = `MODE: process.env.MODE ?? 'y',
      NAMED: mode,
      PLAIN: 'p',
      SELF: 'http://localhost:{port}',
    },`;
  expect(tree.read('playwright.config.ts')).toContain(written);
  expect(text.replace(/^\+/gm, '')).toContain(written);
  expect(tree.read('playwright.config.ts').split('abcdef0123456789abcdef')).toHaveLength(2);
  expect(text).toContain('playwright.config.ts: env.API_TOKEN of webServer looks like a secret, and is not copied');
});

test('a command with a secret is not written again', async ({ tree }) => {
  const text = config('').replace('PORT=3000', 'API_TOKEN=abcdef0123456789abcdef PORT=3000');
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': text });
  const { text: said } = await initIn(tree);
  expect(tree.read('playwright.config.ts').split('abcdef0123456789abcdef')).toHaveLength(2);
  expect(said).toContain('adopted as it is at run time');
});

// Configs in the shapes that people write them in, each edited and asserted whole.
import { expect, test } from '@playwright/test';
import { editConfig } from './edit-config.ts';
import { applied, diffOf } from './edits.ts';
import { readPlaywrightConfig } from './playwright-config.ts';
import { styleOf } from './style.ts';

const options = {
  database: { migrate: "npm run 'it'", inputs: ['migrations/**'] },
  server: { command: 'npm start', timeout: { raw: '60_000' } },
};

async function edited(text: string): Promise<string> {
  const read = await readPlaywrightConfig(text);
  if (read.kind !== 'read') return read.kind === 'done' ? 'done' : read.reason;
  return applied(text, editConfig(text, read.config, options, styleOf(text)));
}

const OPTIONS = `{
  database: { migrate: "npm run 'it'", inputs: ['migrations/**'] },
  server: { command: 'npm start', timeout: 60_000 },
}`;

test('a config that is exported at once is wrapped where it stands, and its comments and lines stay', async () => {
  const text = `#!/usr/bin/env node
// module.exports = {} is not what this file does
import { defineConfig } from '@playwright/test'; // the runner
/* export default defineConfig({}) */
import path from 'node:path';

const said = 'export default x';

export default defineConfig({
    testDir:   path.join('e2e'), // aligned by hand
    grep: /export default \\(/,
}); // the end
`;
  const options_ = OPTIONS.replaceAll('\n  ', '\n    ');
  expect(await edited(text)).toBe(`#!/usr/bin/env node
// module.exports = {} is not what this file does
import { defineConfig } from '@playwright/test'; // the runner
/* export default defineConfig({}) */
import path from 'node:path';
import { withStacks } from 'playwright-stacks';

const said = 'export default x';

export default withStacks(defineConfig({
    testDir:   path.join('e2e'), // aligned by hand
    grep: /export default \\(/,
}), ${options_}); // the end
`);
});

test('a variable that is exported later, and an object with its type, are wrapped where they are exported', async () => {
  const later = `import type { PlaywrightTestConfig } from '@playwright/test';\n\nconst config: PlaywrightTestConfig = { workers: 2 };\n\n`;
  const expected = later.replace("test';\n", "test';\nimport { withStacks } from 'playwright-stacks';\n");
  expect(await edited(`${later}export default config;\n`)).toBe(
    `${expected}export default withStacks(config, ${OPTIONS});\n`,
  );
  expect(await edited(`${later}export { config as default };\n`)).toBe(
    `${expected}export default withStacks(config, ${OPTIONS});\n`,
  );
  expect(await edited(`${later}export default { workers: 2 } satisfies PlaywrightTestConfig;\n`)).toBe(
    `${expected}export default withStacks({ workers: 2 } satisfies PlaywrightTestConfig, ${OPTIONS});\n`,
  );
  expect(await edited(`${later}export default <PlaywrightTestConfig>{ workers: 2 };\n`)).toBe(
    `${expected}export default withStacks(<PlaywrightTestConfig>{ workers: 2 }, ${OPTIONS});\n`,
  );
});

test('CommonJS gets a require, below the others or above the type of what is exported', async () => {
  expect(
    await edited(
      `// @ts-check\nconst { defineConfig, devices } = require('@playwright/test');\n\nmodule.exports = defineConfig({});\n`,
    ),
  ).toBe(
    `// @ts-check\nconst { defineConfig, devices } = require('@playwright/test');\nconst { withStacks } = require('playwright-stacks');\n\nmodule.exports = withStacks(defineConfig({}), ${OPTIONS});\n`,
  );
  expect(
    await edited(
      `// @ts-check\n\n/** @type {import('@playwright/test').PlaywrightTestConfig} */\nmodule.exports = { workers: 2 };\n`,
    ),
  ).toBe(
    `// @ts-check\n\nconst { withStacks } = require('playwright-stacks');\n\n/** @type {import('@playwright/test').PlaywrightTestConfig} */\nmodule.exports = withStacks({ workers: 2 }, ${OPTIONS});\n`,
  );
  expect(await edited(`'use strict';\nconst config = {};\nmodule.exports = config;\n`)).toBe(
    `'use strict';\nconst { withStacks } = require('playwright-stacks');\n\nconst config = {};\nmodule.exports = withStacks(config, ${OPTIONS});\n`,
  );
  expect(await edited(`import { defineConfig } from '@playwright/test';\nexport = defineConfig({});\n`)).toBe(
    `import { defineConfig } from '@playwright/test';\nimport { withStacks } from 'playwright-stacks';\nexport = withStacks(defineConfig({}), ${OPTIONS});\n`,
  );
});

test('what is added is written as the file is: its quotes, semicolons, tabs and line ends', async () => {
  const text =
    'import { defineConfig } from "@playwright/test"\r\n\r\nexport default defineConfig({\r\n\ttestDir: "e2e",\r\n})\r\n';
  expect(await edited(text)).toBe(
    'import { defineConfig } from "@playwright/test"\r\nimport { withStacks } from "playwright-stacks"\r\n\r\nexport default withStacks(defineConfig({\r\n\ttestDir: "e2e",\r\n}), {\r\n\tdatabase: { migrate: "npm run \'it\'", inputs: ["migrations/**"] },\r\n\tserver: { command: "npm start", timeout: 60_000 },\r\n})\r\n',
  );
});

test('statements on one line stay apart', async () => {
  expect(await edited(`import { defineConfig } from '@playwright/test'; export default defineConfig({})`)).toBe(
    `import { defineConfig } from '@playwright/test';\nimport { withStacks } from 'playwright-stacks';\n export default withStacks(defineConfig({}), ${OPTIONS})`,
  );
});

test('a config that has withStacks() is done', async () => {
  const text = `import { withStacks as it } from 'playwright-stacks';\nexport default it({}, {});\n`;
  expect(await edited(text)).toBe('done');
  expect(
    await edited(`const { withStacks } = require('playwright-stacks');\nmodule.exports = withStacks({}, {});\n`),
  ).toBe('done');
  expect(await edited(`// import { withStacks } from 'playwright-stacks';\nexport default {};\n`)).toContain(
    'withStacks({}, {',
  );
});

test('what cannot be edited has a reason', async () => {
  expect(await edited(`export { default } from './base.config';`)).toBe('its default export is that of another file');
  expect(await edited(`export const config = {};`)).toBe(
    'it has no `export default` and no `module.exports =` of its own at the top level',
  );
  const twice = 'it sets what it exports in more than one place';
  expect(await edited(`module.exports = {};\nmodule.exports.workers = 2;`)).toBe(twice);
  expect(await edited(`if (process.env.CI) { module.exports = { workers: 1 }; }\nmodule.exports = {};`)).toBe(twice);
  expect(await edited(`export default () => ({});`)).toBe('it exports a function, which Playwright does not call');
  expect(await edited(`export default {`)).toMatch(/^it cannot be parsed: Unexpected token \(1:16\)/);
});

test('what a config says of its servers is read, and what is computed is known to be', async () => {
  const text = `import { defineConfig } from '@playwright/test';
const base = { timeout: 1 };
const config = { workers: process.env.CI ? 1 : undefined, webServer: [
  { command: \`npm start\`, 'url': 'http://localhost:3000/', env: { A: 'x' }, timeout: 60 * 1000, reuseExistingServer: !process.env.CI },
  { ...base, command: 'npm run ' + name, port: 4000 },
] };
export default defineConfig(config, { use: { baseURL: 'http://localhost:3000' } });
`;
  const read = await readPlaywrightConfig(text);
  if (read.kind !== 'read') throw new Error(read.kind);
  const { webServers, oneWorker } = read.config;
  expect(oneWorker).toBe(3);
  const none = { name: undefined, cwd: undefined };
  expect(webServers).toEqual([
    {
      ...none,
      command: 'npm start',
      url: 'http://localhost:3000/',
      port: undefined,
      env: { A: { value: 'x', raw: undefined } },
      rest: { timeout: '60 * 1000' },
      isComputed: false,
    },
    { ...none, command: undefined, url: undefined, port: 4000, env: {}, rest: {}, isComputed: true },
  ]);
});

test('the difference has the lines that change, with two around them', async () => {
  const text = `import { defineConfig } from '@playwright/test';\n\nconst a = 1;\nconst b = 1;\nconst c = 1;\nconst d = 1;\n\nexport default defineConfig({});\n`;
  const read = await readPlaywrightConfig(text);
  if (read.kind !== 'read') throw new Error(read.kind);
  const edits = editConfig(text, read.config, { build: 'npm run build' }, styleOf(text));
  expect(diffOf('playwright.config.ts', text, edits)).toBe(`--- playwright.config.ts
+++ playwright.config.ts
 import { defineConfig } from '@playwright/test';
+import { withStacks } from 'playwright-stacks';

 const a = 1;
@@
 const d = 1;

-export default defineConfig({});
+export default withStacks(defineConfig({}), {
+  build: 'npm run build',
+});
`);
});

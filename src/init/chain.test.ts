// What init makes of a server's command that does more than to serve.
import { expect } from '@playwright/test';
import { initIn, test } from './testing/tree.ts';

const ALL = { '@playwright/test': '*', 'playwright-stacks': '*' };
const config = (command: string) =>
  `export default {\n  webServer: { command: ${JSON.stringify(command)}, url: 'http://localhost:3000' },\n};\n`;

test('a chain that is not of plain words is left whole, and what it does is said', async ({ tree }) => {
  const scripts = {
    ...{ migrate: 'node m.js', seed: 'node s.js', start: 'node server.js', 'migrate:auth': 'a', 'migrate:app': 'b' },
    e2e: 'createdb app; npm run migrate && PORT=3000 node server.js',
    two: 'tsc -b && vite build && vite preview --port 3000',
  };
  const rows = [
    [`sh -c 'npm run migrate && PORT=3000 npm start'`, 'migrate'],
    ['(npm run migrate && npm start)', 'migrate'],
    ['cd . && npm run migrate && npm start', 'migrate'],
    ['export NODE_ENV=test && npm run migrate && node server.js', 'migrate'],
    ['npm run migrate:auth && npm run migrate:app && node server.js', 'migrate'],
    ['npm run migrate; if [ -n "$SEED" ]; then npm run seed; fi; node server.js', 'seed'],
    ['npm run migrate || true && node server.js', 'migrate'],
    ['npm run migrate > log && node server.js', 'migrate'],
    ['npm run e2e', 'migrate'],
    ['npm run two', 'build'],
  ] as const;
  for (const [command, step] of rows) {
    tree.write({ 'package.json': { scripts, devDependencies: ALL }, 'playwright.config.ts': config(command) });
    const { text } = await initIn(tree);
    const written = tree.read('playwright.config.ts');
    expect(written).toContain('import { withStacks }');
    expect(written).not.toContain('server:');
    if (step !== 'build') expect(written).toMatch(/^\}, \{\}\);$/m);
    expect(text).toContain("its webServer's command is left as it is");
    expect(text).toMatch(new RegExp(`before it serves \\(.*${step}`));
  }
});

test('a number becomes {port} where it is surely the port, once', async ({ tree }) => {
  const rows = [
    ['PORT=3000 npm start', 'PORT={port} npm start'],
    ['npx vite --port=3000', 'npx vite --port={port}'],
    ['npx next start -p 3000', 'npx next start -p {port}'],
    ['npm run migrate && PORT=3000 npm start', 'PORT={port} npm start'],
    ['wait-on tcp:5432 && DB_PORT=3000 node --max-old-space-size=3000 s.js 3000', undefined],
    ['PORT=3000 npx proxy --port 3001', undefined],
    [`PORT=3000 node -e 'x'`, undefined],
  ] as const;
  const scripts = { start: 'node server.js', migrate: 'node m.js' };
  for (const [command, server] of rows) {
    tree.write({ 'package.json': { scripts, devDependencies: ALL }, 'playwright.config.ts': config(command) });
    const { text } = await initIn(tree);
    const written = tree.read('playwright.config.ts');
    if (server === undefined) {
      expect(written).not.toContain('{port}');
      expect(text).toContain('has 3000, and it cannot be told how it gets its port');
    } else expect(written).toContain(`server: { command: '${server}', url: '/' }`);
  }
});

// Every example of the README, type-checked and run in the demo application.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { expect, type Project, test } from './harness/test.ts';

const root = path.resolve(import.meta.dirname, '..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, file = '', code = '']) => ({
  file,
  code,
}));

/** One spec file that needs no browser, for the examples that are configs. */
const spec = `
  import { expect, test } from '@playwright/test';
  test('serves', async ({ request }) => expect(await (await request.get('/healthz')).text()).toBe('ok'));
`;
const api = `
  import { createServer } from 'node:http';
  createServer((_, response) => response.end('ok')).listen(Number(process.argv.at(-1)), 'localhost');
`;

test('the README has its examples', () => {
  expect(examples.map(({ file }) => file)).toEqual([
    'playwright.config.ts',
    'e2e/wizard.spec.ts',
    'e2e/database.spec.ts',
    'e2e/changes.spec.ts',
    ...Array(readme.split('```ts\n// playwright.config.ts').length - 2).fill('playwright.config.ts'),
  ]);
});

for (const [index, { file, code }] of examples.entries()) {
  test(`example ${index + 1} (${file}) runs`, async ({ project, run, existingServer, sandbox }) => {
    sandbox.expectLeak(/\/jiti/); // The migration tool's loader leaves it, also without us.
    const notes = await project('notes', { files: { 'e2e/readme.spec.ts': spec, 'api.mjs': api } });
    const manifest = JSON.parse(await notes.read('package.json'));
    manifest.scripts.api = 'node api.mjs';
    await notes.write('package.json', JSON.stringify(manifest));
    await notes.write(file, code.replace('postgresql://me:secret@localhost:5432/postgres', existingServer.url));
    await typeCheck(notes, file);
    const specs = file.endsWith('.spec.ts') ? [file] : ['e2e/readme.spec.ts'];
    const result = await run(notes, [...specs, '--workers=1'], { env: { PATH: pathWith(notes) } });
    expect(result.output).toMatch(/[12] passed/);
    expect(result.exitCode).toBe(0);
  });
}

async function typeCheck({ folder }: Project, file: string): Promise<void> {
  const options = '--noEmit --strict --skipLibCheck --target es2023 --module nodenext --types'.split(' ');
  await execa(path.join(root, 'node_modules/.bin/tsc'), [...options, '', file], { cwd: folder, all: true });
}

/** `npm run` finds the migration tool in the folder where the packed package is installed. */
function pathWith({ folder }: Project): string {
  return `${path.resolve(folder, '../../node_modules/.bin')}:${process.env.PATH}`;
}

// What every untouched project of fixtures/ goes through: `init --yes`, then its own suite on four workers, twice, while
// the developer's database, which .env names and a decoy stands for, stays as it is; and `init` again.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { mergeTests } from '@playwright/test';
import { test as withCli } from '../harness/cli.ts';
import { expect, test as withDecoy } from '../harness/decoy.ts';
import { npmEnv } from '../harness/env.ts';
import { root } from '../harness/home.ts';

export interface Untouched {
  /** A folder of fixtures/ with a Playwright config, tests in e2e/, and package.json where npm installs something. */
  readonly fixture: string;
  /** The developer's environment, in `.env`, by the address of the database. */
  readonly env: (url: string) => string;
  /** What init writes into the config: the object that it gives to withStacks(). */
  readonly options: string;
  /** The recipe in docs/recipes that shows these options. */
  readonly page?: string;
  /** How many tests the suite has. @default 12 */
  readonly tests?: number;
  /** Files, and folders with `/`, that the project's own commands write. */
  readonly mayWrite?: readonly string[];
  /** For the commands of the project, beside what a shell has. */
  readonly commands?: Readonly<Record<string, string>>;
  /** Of Playwright, as `--timeout=120000`. */
  readonly args?: readonly string[];
  /** The major version of Node that its packages need. @default the one that runs this */
  readonly node?: number;
  /** Packages that this machine needs beside those of package.json. */
  readonly beside?: Readonly<Record<string, string>>;
  /** Lines that init is to say. */
  readonly says?: readonly (string | RegExp)[];
}

const exec = promisify(execFile);
const NODE = `node-${process.platform}-${process.arch}`;
const test = mergeTests(withCli, withDecoy);
const INSTALL = ['install', '--no-audit', '--no-fund', '--prefer-offline'];
/** What tools of the project keep in the folder for temporary files for their next start, also without us. */
const KEPT_BY_TOOLS = /\/(?:tsx-\d+|node-compile-cache|v8-compile-cache-\d+|jiti)$/;
/** The browser that this machine has. */
const BROWSER = "use: { launchOptions: { executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] },";

/** Declares the test. */
export function adopts(title: string, untouched: Untouched): void {
  const { fixture, env: ofDeveloper, options, tests = 12, says = [], args = [], node } = untouched;
  const beside = { ...(node && { [NODE]: `${node}` }), ...untouched.beside };
  test(`${title}: after \`init --yes\` its suite is isolated, and run again init changes nothing`, async ({
    project,
    cli,
    decoy,
    run,
    sandbox,
  }) => {
    test.setTimeout(900_000); // The installation is the longest part.
    sandbox.expectLeak(KEPT_BY_TOOLS);
    const mayWrite = ['node_modules/', 'package.json', 'package-lock.json', ...(untouched.mayWrite ?? [])];
    const app = await project(fixture, { mayWrite, files: { '.env': ofDeveloper(decoy.url) } });
    const { folder, read, write } = app;
    await write('playwright.config.ts', (await read('playwright.config.ts')).replace(/use: \{/, BROWSER));
    const bin = path.join(folder, 'node_modules', NODE, 'bin');
    const env = { ...(node && { PATH: `${bin}:${npmEnv().PATH}` }), ...untouched.commands };
    const before = await read('playwright.config.ts');
    const written = wrapped(before, options);
    if (untouched.page !== undefined) expect(await recipe(untouched.page)).toContain(shown(options));
    if (app.known().has('package.json')) {
      const manifest = JSON.parse(await read('package.json'));
      const all = { ...manifest.devDependencies, ...beside };
      await write('package.json', JSON.stringify({ ...manifest, devDependencies: all }));
      await exec('npm', INSTALL, { cwd: folder, env: { ...npmEnv(), ...env }, timeout: 400_000 });
      // What is installed in the folder above.
      const devDependencies = { ...manifest.devDependencies, '@playwright/test': '*', 'playwright-stacks': '*' };
      await write('package.json', JSON.stringify({ ...manifest, devDependencies }));
    }

    const dry = await cli(['init', '--dry-run'], { cwd: folder, env });
    expect((await dry.exit).exitCode).toBe(0);
    expect(await read('playwright.config.ts')).toBe(before);

    const first = await cli(['init', '--yes'], { cwd: folder, env });
    const { exitCode } = await first.exit;
    expect(first.stderr()).toBe('');
    expect(first.stdout()).not.toContain(new URL(decoy.url).password);
    expect(await read('playwright.config.ts')).toBe(written);
    for (const line of says) expect(first.stdout()).toMatch(line);
    expect(first.stdout()).toMatch(/^ok +server "web"/m);
    expect(first.stdout()).toMatch(/Isolated\. Now run: npx playwright test --workers=4\n$/);
    expect(exitCode).toBe(0);

    for (let n = 0; n < 2; n += 1) {
      const { output, exitCode: code } = await run(app, ['--workers=4', ...args], {
        ...{ env, timeout: 280_000 },
        ...(node && { node: path.join(bin, 'node') }),
      });
      expect(output).toContain(`${tests} passed`);
      expect(code).toBe(0);
    }

    const again = await cli(['init', '--yes'], { cwd: folder, env });
    expect((await again.exit).exitCode).toBe(0);
    expect(again.stdout()).toBe('playwright.config.ts has withStacks() already: nothing to do.\n');
    expect(await read('playwright.config.ts')).toBe(written);
  });
}

function recipe(page: string): Promise<string> {
  return readFile(path.join(root, `docs/recipes/${page}.md`), 'utf8');
}

/** As a page has them: `database: { … },` and what follows. */
function shown(options: string): string {
  return options.replace(/^\{\n/, '').replace(/\}$/, '').replace(/^ {2}/gm, '');
}

/** The config with the two lines around it. */
function wrapped(before: string, options: string): string {
  return before
    .replace(/^(import .*;\n)/, "$1import { withStacks } from 'playwright-stacks';\n")
    .replace('default defineConfig(', 'default withStacks(defineConfig(')
    .replace(/\}\);\n$/, `}), ${options});\n`);
}

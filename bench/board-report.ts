// The report of a large run, beside Playwright's HTML report: its size, and what it costs to open it.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from '@playwright/test';
import { type BoardModel, EMPTY_MODEL, reduceModel } from '../src/board/board-model.ts';
import { readPageFiles } from '../src/board/page-files.ts';
import { REPORT_VERSION } from '../src/board/report/report-data.ts';
import { reportHtml } from '../src/board/report/report-html.ts';
import { booting, running } from '../src/board/testing/sample-run.ts';
import type { Sample } from '../src/board/testing/sample-tests.ts';
import { type Answer, answer } from './answer.ts';
import { mega, ROOT, SIZE, TESTS } from './board-size.ts';

/** Of the same tests, as a report to keep. */
export async function askAboutReports(browser: Browser, tell: (answer: Answer) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'stk-bench-'));
  try {
    const sample: Sample = { ...SIZE, began: Date.now() };
    const model = [...booting(sample), ...running(sample, 1)].reduce<BoardModel>(reduceModel, EMPTY_MODEL);
    const files = readPageFiles(join(ROOT, 'dist/board/page'));
    const data = { version: REPORT_VERSION, runs: [model], missing: [] } as const;
    const empty = { ...data, runs: [EMPTY_MODEL] };
    const ours = join(folder, 'ours.html');
    writeFileSync(ours, reportHtml(data, files));
    const theirs = await playwrightReport(folder);
    const kilo = (bytes: number) => bytes / 1_000;
    tell(answer('the report without data', kilo(reportHtml(empty, files).length), 'goal', 150, { most: 150 }, 'kB'));
    tell(
      answer(
        `the report of ${TESTS} tests`,
        kilo(statSync(ours).size),
        'Playwright’s',
        kilo(statSync(theirs).size),
        undefined,
        'kB',
      ),
    );
    const [our, their] = [await opened(browser, ours, 'Tests'), await opened(browser, theirs, 'All')];
    tell(answer('until it is there', our.ms, 'Playwright’s', their.ms, undefined));
    tell(answer('heap', mega(our.bytes), 'Playwright’s', mega(their.bytes), undefined, 'MB'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function opened(browser: Browser, file: string, text: string): Promise<{ ms: number; bytes: number }> {
  const page = await browser.newPage();
  const from = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.getByText(text, { exact: false }).first().waitFor();
  const ms = performance.now() - from;
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await page.close();
  return { ms, bytes: usedSize };
}

/** Of as many empty tests. */
async function playwrightReport(folder: string): Promise<string> {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'e2e'));
  const body = `for (let n = 0; n < ${SIZE.tests}; n++) test('does what it is to do ' + n, () => {});`;
  for (let file = 0; file < SIZE.files; file++) {
    writeFileSync(join(folder, `e2e/${file}.spec.ts`), `import { test } from '@playwright/test';\n${body}\n`);
  }
  const report = join(folder, 'report');
  const config = { testDir: 'e2e', workers: 2, reporter: [['html', { open: 'never', outputFolder: report }]] };
  writeFileSync(join(folder, 'playwright.config.mjs'), `export default ${JSON.stringify(config)};\n`);
  const cli = join(ROOT, 'node_modules/@playwright/test/cli.js');
  await promisify(execFile)(process.execPath, [cli, 'test'], { cwd: folder, maxBuffer: 2 ** 26 });
  return join(report, 'index.html');
}

// `npm run bench -- board`: the board while a large run happens: frames, memory, size, beside Playwright's HTML report.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import { type BoardModel, EMPTY_MODEL, reduceModel } from '../src/board/board-model.ts';
import { ModelStore } from '../src/board/model-store.ts';
import { readPageFiles } from '../src/board/page-files.ts';
import { REPORT_VERSION } from '../src/board/report/report-data.ts';
import { reportHtml } from '../src/board/report/report-html.ts';
import { serveBoard } from '../src/board/serve-board.ts';
import { booting, running, type Sample } from '../src/board/testing/sample-run.ts';
import type { Listener, StampedEvent } from '../src/events.ts';
import { StateStore } from '../src/state/state-store.ts';
import { type Answer, answer } from './answer.ts';

const SIZE = { slots: 64, files: 100, tests: 50 } as const;
const TESTS = SIZE.files * SIZE.tests;
/** Events a second: 5,000 a minute, rounded up. */
const RATE = 84;
/** Milliseconds of each look at frames. */
const LOOK_MS = 15_000;
const LOOKS = 3;
/** Of 5,000 events: half an hour. */
const MINUTES = 30;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export async function benchBoard(tell: (answer: Answer) => void): Promise<void> {
  const browser = await launch();
  try {
    await askAboutFrames(browser, tell);
    await askAboutMemory(browser, tell);
    await askAboutReports(browser, tell);
  } finally {
    await browser.close();
  }
}

async function launch(): Promise<Browser> {
  const { findBrowser } = await import(pathToFileURL(join(ROOT, 'fixtures/browser.mjs')).href);
  const { path } = findBrowser(); // none where it is Playwright's own
  return chromium.launch({ ...(path && { executablePath: path }), args: ['--no-sandbox'] });
}

interface Opened {
  readonly page: Page;
  readonly emit: (events: readonly StampedEvent[]) => void;
  readonly close: () => Promise<void>;
}

async function open(browser: Browser): Promise<Opened> {
  let listen: Listener = () => {};
  const on = (listener: Listener) => {
    listen = listener;
    return () => {};
  };
  const files = readPageFiles(join(ROOT, 'dist/board/page'));
  const board = await serveBoard(new ModelStore(new StateStore({ on })), { port: 0, files });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(board.url);
  const close = async () => {
    await page.close();
    await board.close();
  };
  const emit = (events: readonly StampedEvent[]) => {
    for (const event of events) listen(event);
  };
  return { page, emit, close };
}

/** As if it happened now. */
function now(event: StampedEvent): StampedEvent {
  return { ...event, at: Date.now() };
}

async function askAboutFrames(browser: Browser, tell: (answer: Answer) => void): Promise<void> {
  const { emit, page, close } = await open(browser);
  const sample: Sample = { ...SIZE, began: Date.now() };
  emit([...booting(sample), ...running(sample, 0)].map(now));
  const events = running(sample, 1).filter(({ type }) => type !== 'run-ended' && type !== 'tests-over');
  let next = running(sample, 0).length;
  const feed = (): void => {
    emit(events.slice(next, next + RATE / 21).map(now));
    next += RATE / 21;
  };
  const places = { top: 'header', timeline: 'canvas' } as const;
  const late: Record<string, Frames> = {};
  for (let look = 0; look < LOOKS; look++) {
    for (const [place, selector] of Object.entries(places)) {
      await page.locator(selector).first().scrollIntoViewIfNeeded();
      for (const isFed of [false, true]) {
        const timer = isFed ? setInterval(feed, 1_000 / 21) : undefined;
        const seen = await framesOf(page);
        clearInterval(timer);
        const key = `${place} ${isFed}`;
        const before = late[key] ?? { frames: 0, late: 0, worst: 0 };
        late[key] = {
          frames: before.frames + seen.frames,
          late: before.late + seen.late,
          worst: Math.max(before.worst, seen.worst),
        };
      }
    }
  }
  for (const place of Object.keys(places)) {
    const [fed, idle] = [late[`${place} true`], late[`${place} false`]];
    if (!fed || !idle) continue;
    const what = `${SIZE.slots} slots, ${TESTS} tests, ${place} in view`;
    tell(
      answer(
        `${what}: frames over 50 ms`,
        fed.late,
        'nothing happens',
        idle.late,
        { most: idle.late },
        `of ${fed.frames}`,
      ),
    );
    tell(answer(`${what}: the slowest`, fed.worst, 'nothing happens', idle.worst, undefined));
  }
  await close();
}

interface Frames {
  readonly frames: number;
  readonly late: number;
  /** Milliseconds. */
  readonly worst: number;
}

function framesOf(page: Page): Promise<Frames> {
  return page.evaluate(`new Promise((resolve) => {
    const began = performance.now();
    let [frames, late, worst, last] = [0, 0, 0, began];
    const frame = () => {
      const at = performance.now();
      frames += 1;
      if (at - last > 50) late += 1;
      worst = Math.max(worst, at - last);
      last = at;
      if (at - began < ${LOOK_MS}) requestAnimationFrame(frame);
      else resolve({ frames, late, worst });
    };
    requestAnimationFrame(frame);
  })`);
}

/** As fast as the page takes them: what it holds depends on how many they were. The same tests, in run after run of a UI mode. */
async function askAboutMemory(browser: Browser, tell: (answer: Answer) => void): Promise<void> {
  const { emit, page, close } = await open(browser);
  const sample: Sample = { ...SIZE, began: Date.now() };
  emit(booting(sample));
  const events = running(sample, 1).filter(({ type }) => type !== 'run-ended' && type !== 'conflicts');
  const session = await page.context().newCDPSession(page);
  const held: { minutes: number; bytes: number }[] = [];
  let [fed, ms] = [0, 0];
  while (fed < MINUTES * 5_000) {
    const from = fed % events.length;
    const part = events.slice(from, from + 2_500);
    if (from === 0 && fed > 0) ms += (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0);
    emit(part.map((event) => ({ ...event, at: event.at + ms })));
    fed += part.length;
    if (held.length < Math.floor((4 * fed) / (MINUTES * 5_000))) {
      await idle(page);
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      held.push({ minutes: Math.round(fed / 5_000), bytes: usedSize });
    } else await idle(page);
  }
  const [first] = held;
  for (const { minutes, bytes } of held) {
    tell(
      answer(
        `heap after ${minutes} minutes of it`,
        mega(bytes),
        `after ${first?.minutes}`,
        mega(first?.bytes ?? 0),
        undefined,
        'MB',
      ),
    );
  }
  await close();
}

/** It has drawn what it was sent. */
async function idle(page: Page): Promise<void> {
  await page.evaluate('new Promise((resolve) => setTimeout(() => requestIdleCallback(resolve), 300))');
}

/** The same tests, as a report to keep. */
async function askAboutReports(browser: Browser, tell: (answer: Answer) => void): Promise<void> {
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

function mega(bytes: number): number {
  return bytes / 2 ** 20;
}

// `npm run bench -- board`: the board while a large run happens: frames, memory, size, beside Playwright's HTML report.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { ModelStore } from '../src/board/model-store.ts';
import { readPageFiles } from '../src/board/page-files.ts';
import { serveBoard } from '../src/board/serve-board.ts';
import { booting, running } from '../src/board/testing/sample-run.ts';
import type { Sample } from '../src/board/testing/sample-tests.ts';
import type { Listener, StampedEvent } from '../src/events.ts';
import { StateStore } from '../src/state/state-store.ts';
import { type Answer, answer } from './answer.ts';
import { askAboutReports } from './board-report.ts';
import { mega, ROOT, SIZE, TESTS } from './board-size.ts';

/** Events a second: 5,000 a minute, rounded up. */
const RATE = 84;
/** Milliseconds of each look at frames. */
const LOOK_MS = 15_000;
const LOOKS = 3;
/** Of 5,000 events: half an hour. */
const MINUTES = 30;

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

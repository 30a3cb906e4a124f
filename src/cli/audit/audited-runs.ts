// The runs of an audit: each is `playwright test` of the project as it is, with a plan (src/audit/plan.ts) that says in
// which order, which tests and under which conditions. What they write is in a temporary folder, and goes with it.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OutOfTime, type Tries } from '../../audit/cause.ts';
import { type AuditedSetUp, type AuditPlan, type Conditions, type Order, SET_UP_FILE } from '../../audit/plan.ts';
import type { SeenRun } from '../../audit/seen.ts';
import { makeCommandFolder } from '../../cleanup/command-folder.ts';
import { AUDIT_VARIABLE, HOLD_VARIABLE } from '../../environment.ts';
import type { StampedEvent, TestRef } from '../../events.ts';
import { changedFiles, checkoutFiles } from '../app/checkout-files.ts';
import { playwrightCli } from '../playwright-cli.ts';
import { EVENTS_FILE, eventsOf, seenIn } from './read-run.ts';
import { broken, noTests, notWrapped, refuseWithoutServer } from './refusals.ts';

/** Ctrl-C, or a signal that asks for the end. */
export class Interrupted extends Error {}

/** Milliseconds of one run: more than all deadlines of opening a stack. */
const RUN_TIMEOUT_MS = 60 * 60_000;
/** Of all runs by which differences are looked into. */
const LOOKING_TIMEOUT_MS = 15 * 60_000;
const MOST_TRIES = 80;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One worker, each test once, and nothing written into the project. */
const ALWAYS = [
  ...['--workers=1', '--retries=0', '--repeat-each=1', '--max-failures=0', '--global-timeout=0'],
  ...['--update-snapshots=none', '--trace=off'],
];

export interface TriedRun {
  readonly order: Order;
  readonly conditions: Conditions;
  /** Undefined: all. */
  readonly units: readonly string[] | undefined;
  readonly seen: SeenRun;
  readonly ms: number;
}

export class AuditedRuns implements Tries {
  /** By id: all that were seen. */
  readonly tests: Map<string, Omit<TestRef, 'retry'>> = new Map();
  readonly #folder = makeCommandFolder('audit');
  readonly #salt = randomBytes(16).toString('hex');
  readonly #cwd: string;
  readonly #args: readonly string[];
  readonly #onRun: (run: TriedRun) => void;
  readonly #stop = () => this.#interrupt();
  #units = new Map<string, readonly string[]>();
  #setUp: AuditedSetUp = { servers: [], setups: [] };
  #child: ChildProcess | undefined;
  #isInterrupted = false;
  #count = 0;
  #tries = 0;
  #lookingSince = 0;

  /** @param args Playwright's: config, projects, tests */
  constructor(cwd: string, args: readonly string[], onRun: (run: TriedRun) => void) {
    this.#cwd = cwd;
    this.#args = args;
    this.#onRun = onRun;
    for (const signal of SIGNALS) process.on(signal, this.#stop);
  }

  /** Reads the config and finds the tests; nothing runs. Throws AUDIT_FAILED where there is nothing to audit. */
  async prepare(): Promise<void> {
    const plan = this.#plan('file', {}, undefined);
    const { output, code } = await this.#playwright(plan, ['--list']);
    const file = join(plan.folder, SET_UP_FILE);
    if (/No tests found/.test(output) && existsSync(file)) throw noTests(this.#args);
    if (code !== 0) throw broken('the tests could not be listed.', output);
    if (!existsSync(file)) throw notWrapped();
    this.#setUp = JSON.parse(readFileSync(file, 'utf8'));
    refuseWithoutServer(this.#setUp);
  }

  /** All chosen tests. */
  async all(order: Order, conditions: Conditions): Promise<SeenRun> {
    const seen = await this.#run(order, conditions, undefined);
    for (const [id, { unit }] of seen.tests) {
      this.#units.set(unit, [...new Set([...(this.#units.get(unit) ?? []), id])]);
    }
    return seen;
  }

  async run(units: readonly string[], order: Order, conditions: Conditions): Promise<SeenRun> {
    this.#lookingSince ||= performance.now();
    this.#tries += 1;
    const isLate = performance.now() - this.#lookingSince > LOOKING_TIMEOUT_MS;
    if (isLate || this.#tries > MOST_TRIES) throw new OutOfTime('no more runs');
    return this.#run(order, conditions, units);
  }

  async filesWrittenBy(units: readonly string[], order: Order): Promise<readonly string[]> {
    const before = checkoutFiles(this.#cwd);
    await this.run(units, order, {});
    return changedFiles(before, checkoutFiles(this.#cwd));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const signal of SIGNALS) process.off(signal, this.#stop);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(order: Order, conditions: Conditions, units: readonly string[] | undefined): Promise<SeenRun> {
    const began = performance.now();
    const plan = this.#plan(
      order,
      conditions,
      units?.flatMap((unit) => this.#units.get(unit) ?? []),
    );
    const { output } = await this.#playwright(plan, []);
    const events = eventsOf(plan.folder);
    const isOver = events.some(({ type }) => type === 'tests-over');
    const reason = events.find((event) => event.type === 'run-broken');
    if (!isOver || reason) throw broken('a run broke before its tests were over.', output);
    this.#note(events);
    const seen = seenIn(plan, events, this.#setUp.setups);
    rmSync(plan.folder, { recursive: true, force: true });
    this.#onRun({ order, conditions, units, seen, ms: Math.round(performance.now() - began) });
    return seen;
  }

  #note(events: readonly StampedEvent[]): void {
    for (const event of events) {
      if (event.type !== 'tests-planned') continue;
      for (const test of event.tests) this.tests.set(test.id, test);
    }
  }

  #plan(order: Order, conditions: Conditions, tests: readonly string[] | undefined): AuditPlan {
    const folder = join(this.#folder, `${this.#count}`);
    this.#count += 1;
    mkdirSync(folder, { mode: 0o700 });
    // The list is the first, and builds nothing.
    return { home: this.#folder, folder, salt: this.#salt, order, tests, conditions, isBuilt: this.#count > 2 };
  }

  /** Throws Interrupted. */
  async #playwright(plan: AuditPlan, more: readonly string[]): Promise<{ output: string; code: number }> {
    if (this.#isInterrupted) throw new Interrupted();
    const file = join(plan.folder, 'plan.json');
    writeFileSync(file, JSON.stringify(plan), { mode: 0o600 });
    const { [HOLD_VARIABLE]: _, ...env } = process.env;
    const ours = { STACKS_EVENTS: join(plan.folder, EVENTS_FILE), STACKS_KEEP: 'never', STACKS_BOARD: '0' };
    const args = [...this.#args, ...ALWAYS, `--output=${join(plan.folder, 'output')}`, ...more];
    const child = spawn(process.execPath, [playwrightCli(this.#cwd), 'test', ...args], {
      ...{ cwd: this.#cwd, stdio: ['ignore', 'pipe', 'pipe'] as const },
      env: { ...env, ...ours, [AUDIT_VARIABLE]: file },
    });
    this.#child = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-20_000);
      });
    }
    const timer = setTimeout(() => child.kill('SIGINT'), RUN_TIMEOUT_MS);
    const [code] = await once(child, 'exit').finally(() => clearTimeout(timer));
    this.#child = undefined;
    if (this.#isInterrupted) throw new Interrupted();
    return { output, code: code ?? 1 };
  }

  /** Playwright ends its run, and we wait for it. A terminal's Ctrl-C has reached it, too: within a second that is the same. */
  #interrupt(): void {
    this.#isInterrupted = true;
    this.#child?.kill('SIGINT');
  }
}

// A run whose slots open one by one, as `doctor --app` asks for them (src/playwright/runner/hold.ts), and what it emits.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCommandFolder } from '../../cleanup/command-folder.ts';
import { HOLD_VARIABLE, READS_VARIABLE } from '../../environment.ts';
import type { StampedEvent } from '../../events.ts';
import { RUN_FILE, type RunFile } from '../../lease/run-file.ts';
import { poll } from '../../wait.ts';
import { type Reads, readsIn } from './reads.ts';

/** More than all deadlines of opening a stack together: who waits in vain is told by those. */
const OPEN_TIMEOUT_MS = 30 * 60_000;
const LOOK_INTERVAL_MS = 100;

export class HeldRun {
  readonly #folder = makeCommandFolder('doctor');
  readonly #child: ChildProcess;
  readonly #exited: Promise<number>;
  #isOver = false;
  #output = '';

  /** @param args Playwright's command line, from its program on */
  constructor(args: readonly string[]) {
    mkdirSync(this.#reads);
    const ours = { [HOLD_VARIABLE]: this.#folder, [READS_VARIABLE]: this.#reads, STACKS_EVENTS: this.#events };
    const env = { ...process.env, ...ours };
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-20_000);
      });
    }
    this.#exited = once(this.#child, 'exit').then(([code]) => {
      this.#isOver = true;
      return code ?? 1;
    });
    // A terminal's Ctrl-C reaches Playwright as well, which ends the run; we wait for that.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => this.#child.kill('SIGINT'));
  }

  /** The end of what it has printed. */
  get output(): string {
    return this.#output;
  }

  events(): StampedEvent[] {
    if (!existsSync(this.#events)) return [];
    const lines = readFileSync(this.#events, 'utf8').split('\n').slice(0, -1);
    return lines.map((line): StampedEvent => JSON.parse(line));
  }

  /** What its commands and servers have read until now. */
  reads(): Reads[] {
    return readsIn(this.#reads);
  }

  /** Lets it open `slot`. Undefined: it could not, and the run is over or broken. */
  async open(slot: number): Promise<Extract<StampedEvent, { type: 'stack-opened' }> | undefined> {
    writeFileSync(join(this.#folder, `slot-${slot}`), '');
    const look = () => {
      const events = this.events();
      const opened = events.find((event) => event.type === 'stack-opened' && event.slot === slot);
      if (opened?.type === 'stack-opened') return opened;
      return this.#isOver || events.some(({ type }) => type === 'run-broken') ? 'failed' : undefined;
    };
    const found = await poll(look, { timeout: OPEN_TIMEOUT_MS, interval: LOOK_INTERVAL_MS });
    return found === 'failed' ? undefined : found;
  }

  /** What the run hands to its workers. */
  file(): RunFile | undefined {
    const started = this.events().find(({ type }) => type === 'run-started');
    if (started?.type !== 'run-started') return undefined;
    const path = join(started.folder, RUN_FILE);
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
  }

  /** Lets it look at its servers once more and run its tests, if there are any. Resolves with its exit code. */
  async finish(): Promise<number> {
    writeFileSync(join(this.#folder, 'tests'), '');
    return this.#exited;
  }

  /** Ends it, in whatever state it is. */
  async end(): Promise<void> {
    if (!this.#isOver) this.#child.kill('SIGINT');
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #reads(): string {
    return join(this.#folder, 'reads');
  }

  get #events(): string {
    return join(this.#folder, 'events.ndjson');
  }
}

// What a run says on GitHub: failed tests beside their lines of code, and a summary on the job's page.
import { closeSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { messageOf } from '../errors.ts';
import type { StampedEvent } from '../events.ts';
import { openToAppend } from '../files/open-to-append.ts';
import type { RunState } from '../state/run-state.ts';
import { annotationLine } from '../text/annotation.ts';
import { FailureDetails } from './failure-details.ts';
import { IsolationCost } from './isolation-cost.ts';
import { jobSummary } from './job-summary.ts';

/** As many of one level as GitHub shows of a step. */
const MOST = 10;

export interface GitHubOptions {
  /** `GITHUB_ACTIONS`, `GITHUB_STEP_SUMMARY`, `GITHUB_WORKSPACE` */
  readonly env: NodeJS.ProcessEnv;
  /** Writes a line that the runner obeys. */
  readonly command: (line: string) => void;
  readonly print: (line: string) => void;
}

export class GitHub {
  readonly #options: GitHubOptions;
  readonly #cost = new IsolationCost();
  readonly #details = new FailureDetails();
  /** What paths of tests are relative to. */
  #rootDir = '';
  /** Playwright's own `github` is there: errors have their annotations. */
  #isBesideOwn = false;
  #annotated = 0;

  constructor(options: GitHubOptions) {
    this.#options = options;
  }

  begin(rootDir: string, isBesideOwn: boolean): void {
    this.#rootDir = rootDir;
    this.#isBesideOwn = isBesideOwn;
  }

  /** @param state after the event */
  hear(state: RunState, event: StampedEvent): void {
    for (const part of [this.#cost, this.#details]) part.hear(event);
    if (event.type === 'test-result' && event.isFinal && event.outcome === 'failed') this.#annotate(event);
    if (event.type !== 'tests-over' || state.progress.completed === 0) return;
    const { ms, unmatched } = event;
    this.#summarize(() => jobSummary({ state, cost: this.#cost, ms, unmatched }, this.#details));
  }

  #annotate({ test, errors = [] }: Extract<StampedEvent, { type: 'test-result' }>): void {
    const { env, command } = this.#options;
    if (!env.GITHUB_ACTIONS || this.#annotated >= MOST) return;
    const own = this.#isBesideOwn ? [] : errors.slice(0, 1).map(({ message }) => message);
    const message = [...own, ...this.#details.of(test.id)].join('\n');
    if (message === '') return;
    this.#annotated += 1;
    const [, file = test.file, line] = /^(.*):(\d+)$/.exec(errors[0]?.at ?? '') ?? [];
    const path = relative(env.GITHUB_WORKSPACE || process.cwd(), join(this.#rootDir, file));
    const level = this.#isBesideOwn ? 'notice' : 'error';
    command(annotationLine({ level, title: test.titlePath.join(' › '), file: path, line, message }));
  }

  /** On the job's page; what goes wrong costs a line. */
  #summarize(markdown: () => string): void {
    const { env, print } = this.#options;
    if (!env.GITHUB_STEP_SUMMARY) return;
    try {
      const file = openToAppend(env.GITHUB_STEP_SUMMARY);
      try {
        writeSync(file, markdown());
      } finally {
        closeSync(file);
      }
    } catch (error) {
      print(`the job summary (GITHUB_STEP_SUMMARY) could not be written: ${messageOf(error)}`);
    }
  }
}

// The files of what ran beside a server, attached to the last test that ran on that server: while its result is not there
// yet they wait for it.
import { basename, extname } from 'node:path';
import type { TestResult } from '@playwright/test/reporter';
import type { StacksEvent, TestRef } from '../../events.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.json': 'application/json',
  '.log': 'text/plain',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
};

export class BesideFiles {
  /** The last test of each stack. */
  readonly #tests = new Map<string, { readonly key: string; isOver: boolean }>();
  /** Of each server the test that was over when it was ended: the next that is started has not served it. */
  readonly #served = new Map<string, string>();
  readonly #results = new Map<string, TestResult>();
  readonly #waiting = new Map<string, string[]>();

  hear(event: StacksEvent): void {
    if (event.type === 'test-began') this.#tests.set(stackOf(event), { key: keyOf(event.test), isOver: false });
    const test = 'slot' in event && 'variant' in event ? this.#tests.get(stackOf(event)) : undefined;
    if (!test) return; // None ran on it.
    if (event.type === 'test-ended') test.isOver = true;
    if (event.type !== 'beside-ended') return;
    const server = `${stackOf(event)} ${event.server}`;
    if (this.#served.get(server) === test.key) return;
    if (test.isOver) this.#served.set(server, test.key);
    this.#found(test.key, event.files);
  }

  #found(test: string, files: readonly string[]): void {
    const result = this.#results.get(test);
    if (result) attach(result, files);
    else this.#waiting.set(test, [...(this.#waiting.get(test) ?? []), ...files]);
  }

  add(test: Pick<TestRef, 'id' | 'retry'>, result: TestResult): void {
    this.#results.set(keyOf(test), result);
    attach(result, this.#waiting.get(keyOf(test)) ?? []);
    this.#waiting.delete(keyOf(test));
  }
}

function stackOf({ slot, variant }: { readonly slot: number; readonly variant: string }): string {
  return `${slot} ${variant}`;
}

function keyOf({ id, retry }: Pick<TestRef, 'id' | 'retry'>): string {
  return `${id} ${retry}`;
}

function attach({ attachments }: TestResult, files: readonly string[]): void {
  for (const path of files) {
    attachments.push({ name: basename(path), path, contentType: TYPES[extname(path)] ?? 'application/octet-stream' });
  }
}

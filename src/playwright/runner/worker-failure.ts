// Why the process of a worker ended in the midst of a test, by what Playwright says of it.
import type { TestResult } from '@playwright/test/reporter';
import type { WorkerFailure } from '../../test-events.ts';

/** Playwright replaces the worker of a test that took too long, and tells the end of a process among the test's errors. */
export function workerFailure({ status, errors }: Pick<TestResult, 'status' | 'errors'>): WorkerFailure | undefined {
  for (const { message = '' } of errors) {
    const [, code, signal] = /worker process exited unexpectedly \(code=(\w+), signal=(\w+)\)/.exec(message) ?? [];
    if (signal === 'SIGABRT') return { reason: 'out of memory', exit: 'signal SIGABRT' };
    if (signal && signal !== 'null')
      return { reason: isCrash(signal) ? 'crashed' : 'killed', exit: `signal ${signal}` };
    if (code) return { reason: 'crashed', exit: `exit code ${code}` };
  }
  return status === 'timedOut' ? { reason: 'timed out', exit: 'its test took longer than it may' } : undefined;
}

function isCrash(signal: string): boolean {
  return ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP'].includes(signal);
}

// Prints a line per test as it ends, and the table at the end.
import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

interface Row {
  readonly what: string;
  readonly version: string;
  readonly result: string;
  readonly seconds: string;
}

export default class Table implements Reporter {
  readonly #rows: Row[] = [];

  printsToStdio(): boolean {
    return true;
  }

  onTestEnd(test: TestCase, { status, duration, errors }: TestResult): void {
    const row = {
      what: test.parent.title,
      version: test.title,
      result: status,
      seconds: (duration / 1000).toFixed(0),
    };
    this.#rows.push(row);
    console.log(line(row));
    for (const { message, stack } of errors) console.log(stack ?? message);
  }

  onEnd({ status }: FullResult): void {
    console.log('\n| what | version | result | s |\n| --- | --- | --- | --- |');
    for (const row of this.#rows) console.log(line(row));
    const failed = this.#rows.filter(({ result }) => result !== 'passed').length;
    console.log(`\n${this.#rows.length - failed} passed, ${failed} failed (${status})`);
  }
}

function line({ what, version, result, seconds }: Row): string {
  return `| ${what} | ${version} | ${result} | ${seconds} |`;
}

// Prints a line per test as it ends, and the table at the end.
import type { FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

interface Row {
  readonly what: string;
  readonly version: string;
  readonly result: string;
  readonly seconds: string;
  /** Of a run that was ended: its exit code or signal, and seconds until nothing of it was left. */
  readonly exit: string;
  readonly clean: string;
}

export default class Table implements Reporter {
  readonly #rows: Row[] = [];

  printsToStdio(): boolean {
    return true;
  }

  onTestEnd(test: TestCase, { status, duration, errors }: TestResult): void {
    const noted = (name: string) => test.annotations.find(({ type }) => type === name)?.description ?? '';
    const row = {
      what: test.parent.title,
      version: test.title,
      result: status,
      seconds: (duration / 1000).toFixed(0),
      exit: noted('exit'),
      clean: noted('clean'),
    };
    this.#rows.push(row);
    console.log(line(row));
    for (const { message, stack } of errors) console.log(stack ?? message);
  }

  onEnd({ status }: FullResult): void {
    console.log('\n| what | version | result | s | exit | clean after s |\n| --- | --- | --- | --- | --- | --- |');
    for (const row of this.#rows) console.log(line(row));
    const failed = this.#rows.filter(({ result }) => result !== 'passed' && result !== 'skipped').length;
    console.log(`\n${this.#rows.length - failed} passed or skipped, ${failed} failed (${status})`);
  }
}

function line({ what, version, result, seconds, exit, clean }: Row): string {
  return `| ${what} | ${version} | ${result} | ${seconds} | ${exit} | ${clean} |`;
}

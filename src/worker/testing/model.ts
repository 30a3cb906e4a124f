// What the tests of a worker are to find, as simply as it can be said: sets of rows, copied where something is marked.
import type { Step } from '../between-tests.ts';

/** Rows by id, with how often each was updated. */
export type Rows = ReadonlyMap<number, number>;

export interface Moment {
  readonly rows: Rows;
  /** How many of the worker's fixtures had been set up, and how often the schema had been changed. */
  readonly fixtures: number;
  readonly schema: number;
}

const NOTHING: Moment = { rows: new Map(), fixtures: 0, schema: 0 };

/** What returns a boolean says whether it can be had: a fresh clone gets rows back, but no schema. */
export class Model {
  now = NOTHING;
  #base = NOTHING;
  #baseline = NOTHING;
  #mark = NOTHING;
  /** What was written since the mark stays. */
  #carriesOver = false;
  #group: number | undefined;
  #serial: object | undefined;
  /** What each worker fixture wrote, in order. */
  #fixtures: Rows[] = [];
  /** By project and name: what fixtures of all workers wrote, and of it what this one was given with its lease. */
  readonly #written = new Map<string, Rows>();
  #given: ReadonlyMap<string, Rows> = new Map();
  #project = '';

  lease(project: string): void {
    this.#project = project;
    this.#given = new Map(this.#written);
    this.#fixtures = [];
    this.#group = undefined;
    this.#serial = undefined;
    this.now = this.#base;
    this.moveBaseline();
  }

  begin({ isolation, group, serial }: Step): boolean {
    if (isolation === 'setup') return true;
    const isNewGroup = group !== this.#group;
    const wasSerial = this.#serial;
    if (!isNewGroup && serial !== undefined && serial === wasSerial) return true;
    if (this.#group === undefined) this.#beginFirstGroup();
    else if (isNewGroup && isolation !== 'worker') {
      if (!this.rewindTo(this.#baseline)) return false;
      this.moveBaseline();
    } else if (wasSerial || !this.#carriesOver) {
      if (!this.#rewindToMark()) return false;
    }
    this.#group = group;
    this.#serial = serial;
    this.#mark = this.now;
    this.#carriesOver = false;
    return true;
  }

  end({ isolation, kind, serial }: Step, outcome: 'passed' | 'failed'): boolean {
    if (isolation === 'setup') {
      if (outcome === 'passed') this.#base = this.now;
      return true;
    }
    if (serial) return true;
    this.#carriesOver = kind === 'hook' || isolation !== 'test';
    return this.#carriesOver || this.#rewindToMark();
  }

  insert(id: number): void {
    this.now = { ...this.now, rows: new Map([...this.now.rows, [id, 0]]) };
  }

  updateAll(): void {
    this.now = { ...this.now, rows: new Map([...this.now.rows].map(([id, times]) => [id, times + 1])) };
  }

  changeSchema(): void {
    this.now = { ...this.now, schema: this.now.schema + 1 };
  }

  /** A fixture that wrote `written`, or nothing because an earlier worker's is enough for it. */
  fixture(name: string, written: Rows): void {
    const key = `${this.#project} ${name}`;
    const rows = written.size > 0 ? written : (this.#given.get(key) ?? written);
    if (written.size > 0) this.#written.set(key, written);
    this.#fixtures.push(rows);
    this.now = { ...this.now, rows: new Map([...this.now.rows, ...rows]), fixtures: this.#fixtures.length };
  }

  moveBaseline(): void {
    this.#baseline = this.now;
    this.#mark = this.now;
  }

  /** What fixtures have written since then stays. */
  rewindTo(to: Moment): boolean {
    if (to.schema !== this.now.schema && to.schema > 0) return false;
    const lost = this.#fixtures.slice(to.fixtures).flatMap((rows) => [...rows]);
    this.now = { rows: new Map([...to.rows, ...lost]), fixtures: this.#fixtures.length, schema: to.schema };
    return true;
  }

  #rewindToMark(): boolean {
    const isPossible = this.rewindTo(this.#mark);
    this.#mark = this.now;
    return isPossible;
  }

  #beginFirstGroup(): void {
    this.fixture('', new Map([...this.now.rows].filter(([id]) => !this.#base.rows.has(id))));
    this.moveBaseline();
  }
}

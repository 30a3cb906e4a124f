// What the runs of an audit have in common and what not: which tests go another way than by themselves, after which
// others, on what they depend, and what cures it.
import { type Cure, causeOf, needs, OutOfTime, type Tries } from './cause.ts';
import { culpritsAmong } from './culprits.ts';
import { type Conditions, isConfigured, type Order } from './plan.ts';
import { type Difference, differenceOf, type SeenRun, type SeenTest, unitsBefore } from './seen.ts';

export interface Finding extends Cure {
  readonly test: string;
  /** Units: tests, serial groups, or files. */
  readonly dependsOn: readonly string[];
  /** `after`: it goes another way after them; `needs`: it passes only after them. */
  readonly how: 'after' | 'needs';
  readonly difference: Difference;
  readonly order: Order;
}

export interface Examined {
  readonly findings: readonly Finding[];
  /** Went another way once, and not again. */
  readonly unsteady: readonly string[];
  /** Failed in every run, and depend on no other. */
  readonly failing: readonly string[];
  /** Differ, and there was no time to find out why. */
  readonly left: readonly string[];
}

/** Each test in a new process of the application. */
export const REFERENCE: Conditions = { restart: 'with spares' };

/** @param runs the reference first */
export async function examine(runs: readonly SeenRun[], tries: Tries, tell: Tell = () => {}): Promise<Examined> {
  const examination = new Examination(runs, tries, tell);
  return examination.all();
}

export type Tell = (about: 'differs' | 'alone' | 'looking' | 'found', test: string) => void;

class Examination {
  readonly #runs: SeenRun[];
  readonly #tries: Tries;
  readonly #tell: Tell;
  readonly #ids: readonly string[];
  /** Columns, by test, whose values are others each time. */
  readonly #random = new Map<string, ReadonlySet<string>>();
  readonly #findings: Finding[] = [];
  readonly #unsteady: string[] = [];
  readonly #left: string[] = [];

  constructor(runs: readonly SeenRun[], tries: Tries, tell: Tell) {
    this.#runs = [...runs];
    this.#tries = tries;
    this.#tell = tell;
    this.#ids = [...new Set(runs.flatMap(({ tests }) => [...tests.keys()]))];
  }

  async all(): Promise<Examined> {
    for (const test of await this.#inTime(this.#differing(), () => this.#steady())) {
      this.#tell('differs', test);
      await this.#inTime([test], () => this.#examine(test));
    }
    const failing = this.#ids.filter((id) => this.#runs.every(({ tests }) => tests.get(id)?.outcome !== 'passed'));
    await this.#inTime([], () => this.#examineFailing(failing));
    const found = [...this.#findings.map(({ test }) => test), ...this.#left, ...this.#unsteady];
    return {
      findings: this.#findings,
      unsteady: this.#unsteady,
      failing: failing.filter((id) => !found.includes(id)),
      left: this.#left,
    };
  }

  /** Where the time is over, `tests` are left. */
  async #inTime(tests: readonly string[], work: () => Promise<readonly string[]>): Promise<readonly string[]> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error;
      this.#left.push(...tests);
      return [];
    }
  }

  get #reference(): SeenRun {
    return this.#runs[0] ?? { order: 'file', conditions: REFERENCE, tests: new Map(), lateAfter: new Set(), quiet: 0 };
  }

  #differing(): string[] {
    const own = this.#reference.tests;
    return this.#ids.filter((id) =>
      this.#runs.some(({ tests }) => differenceOf(own.get(id), tests.get(id), this.#random.get(id)) !== undefined),
    );
  }

  /** A second reference: what is random in it is no difference. Returns those that differ none the less. */
  async #steady(): Promise<readonly string[]> {
    const ids = this.#differing();
    if (ids.length === 0) return [];
    const second = await this.#tries.run(unitsOf(this.#reference, ids), 'reversed', REFERENCE);
    for (const id of ids) {
      const { outcome, rows, columns } = this.#differs(this.#reference.tests.get(id), second, id) ?? {};
      if (outcome === undefined && rows?.length === 0) this.#random.set(id, new Set(columns));
    }
    this.#runs.push(second);
    return this.#differing();
  }

  #differs(alone: SeenTest | undefined, { tests }: SeenRun, id: string): Difference | undefined {
    return differenceOf(alone, tests.get(id), this.#random.get(id));
  }

  async #examine(test: string): Promise<readonly string[]> {
    const alone = await this.#alone(test);
    // First those in which it is as configured, and few have run before it.
    const others = this.#runs
      .filter((run) => this.#differs(alone, run, test) !== undefined)
      .sort((one, other) => rank(one) - rank(other) || unitsBefore(one, test).length - unitsBefore(other, test).length);
    for (const run of others.slice(0, 2)) {
      if (alone && (await this.#find(test, alone, run))) return [];
    }
    this.#unsteady.push(test);
    return [];
  }

  /** How it goes by itself, in a new process; undefined: not always in the same way. */
  async #alone(test: string): Promise<SeenTest | undefined> {
    const second = this.#runs.at(-1);
    const own = this.#reference.tests.get(test);
    if (second && own && !this.#differs(own, second, test)) return own;
    this.#tell('alone', test);
    const run = () => this.#tries.run(unitsOf(this.#reference, [test]), 'file', REFERENCE);
    const [first, again] = [await run(), await run()];
    const alone = first.tests.get(test);
    return alone && !this.#differs(alone, again, test) ? alone : undefined;
  }

  /** @returns whether the test has gone the other way again, so that something could be found */
  async #find(test: string, alone: SeenTest, run: SeenRun): Promise<boolean> {
    const { order, conditions } = run;
    const { unit = test, isolation = 'test' } = run.tests.get(test) ?? {};
    const before = unitsBefore(run, test);
    const late = [...run.lateAfter]
      .flatMap((id) => run.tests.get(id)?.unit ?? [])
      .filter((each) => before.includes(each));
    const suspects = [...late.slice(-2), ...this.#findings.flatMap(({ dependsOn }) => dependsOn)];
    this.#tell('looking', test);
    let seen: Difference | undefined;
    let quiet = 0;
    const differs = async (units: readonly string[]) => {
      const tried = await this.#tries.run([...units, unit], order, conditions);
      const difference = this.#differs(alone, tried, test);
      if (difference) seen = difference;
      quiet = Math.max(quiet, tried.quiet);
      return difference !== undefined;
    };
    const culprits = await culpritsAmong(before, differs, suspects.slice(0, 3));
    if (!culprits || !seen) return false;
    const random = this.#random.get(test) ?? new Set<string>();
    const isLate = late.some((each) => culprits.includes(each));
    const of = { test, unit, isolation, culprits, alone, difference: seen, random, order, conditions };
    const cure = await causeOf(
      { ...of, late: isLate ? { quiet: Math.max(quiet, run.quiet) } : undefined },
      this.#tries,
    );
    const how = needs(of) ? 'needs' : 'after';
    this.#findings.push({ test, dependsOn: culprits, how, difference: seen, order, ...cure });
    this.#tell('found', test);
    return true;
  }

  /** Those that fail in every order: with rows that stay until their file ends, they may pass. */
  async #examineFailing(failing: readonly string[]): Promise<readonly string[]> {
    const { tests } = this.#reference;
    const suspects = failing.filter((id) => tests.get(id)?.isolation === 'test');
    if (suspects.length === 0) return [];
    const files = suspects.map((id) => tests.get(id)?.file);
    const all = [...tests.keys()].filter((id) => files.includes(tests.get(id)?.file));
    const together = await this.#tries.run(unitsOf(this.#reference, all), 'file', { isolation: 'file' });
    for (const test of suspects) {
      const alone = tests.get(test);
      if (!alone || together.tests.get(test)?.outcome !== 'passed') continue;
      this.#tell('differs', test);
      await this.#inTime([test], async () => {
        await this.#find(test, alone, together);
        return [];
      });
    }
    return [];
  }
}

function rank({ conditions, order }: SeenRun): number {
  return (isConfigured(conditions) ? 0 : 10) + (order === 'file' ? 0 : order === 'reversed' ? 1 : 2);
}

function unitsOf({ tests }: SeenRun, ids: readonly string[]): string[] {
  return [...new Set(ids.flatMap((id) => tests.get(id)?.unit ?? []))];
}

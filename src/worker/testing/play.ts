// Plays what workers do, on a real stack and on the model, and looks that everybody finds what is to be found.
import { expect } from '@playwright/test';
import type { Marks } from '../../lease/protocol.ts';
import type { Step } from '../between-tests.ts';
import { Model, type Moment } from './model.ts';
import type { TestPool, Worker } from './pool.ts';

/** What happens in a test or hook. `import`: with triggers off. `fixture`: it is asked for; one that `finds` its file writes nothing. */
export type Act =
  | 'insert'
  | 'update all'
  | 'change the schema'
  | 'import'
  | 'checkpoint'
  | 'mark'
  | 'rewind'
  | { readonly fixture: string; readonly finds?: boolean };

export interface PlannedStep {
  readonly kind: Step['kind'];
  readonly isolation?: 'test' | 'file' | 'worker';
  readonly group?: 'new' | 'same';
  /** Steps of the same number, one after the other, are a serial group. */
  readonly serial?: 0 | 1 | 2;
  readonly acts: readonly Act[];
  /** The application writes a row after its end. */
  readonly late?: boolean;
}

export interface PlannedWorker {
  readonly project: string;
  /** Its steps are a setup project's. */
  readonly setup?: 'passes' | 'fails' | undefined;
  /** Rows that fixtures write before the first group. */
  readonly early?: number;
  readonly steps: readonly PlannedStep[];
}

export const SCHEMA = 'CREATE TABLE bag (id int, times int); CREATE TABLE keyed (id int PRIMARY KEY, times int)';

const SERIAL = [undefined, {}, {}] as const;

export class Play {
  readonly #pool: TestPool;
  readonly #model = new Model();
  #rows = 0;
  #groups = 0;
  #schemas = 0;

  constructor(pool: TestPool) {
    this.#pool = pool;
  }

  async run(workers: readonly PlannedWorker[]): Promise<void> {
    await this.#pool.openAgain();
    for (const worker of workers) await this.#run(worker);
  }

  async #run(planned: PlannedWorker): Promise<void> {
    const worker = await this.#pool.lease(planned.project);
    this.#model.lease(planned.project);
    await this.#look('a new lease');
    for (let n = 0; n < (planned.early ?? 0); n += 1) await this.#insert();
    const known = new Set<string>();
    for (const [index, step] of planned.steps.entries()) {
      if (index === 0 || step.group === 'new') this.#groups += 1;
      // Playwright replaces a worker whose test fails.
      if (!(await this.#step(worker, planned, step, known, `step ${index}`))) return;
    }
  }

  async #step(
    worker: Worker,
    { setup }: PlannedWorker,
    planned: PlannedStep,
    known: Set<string>,
    title: string,
  ): Promise<boolean> {
    const { between } = worker;
    const isolation = setup ? 'setup' : (planned.isolation ?? 'test');
    const serial = isolation === 'test' ? SERIAL[planned.serial ?? 0] : undefined;
    const test = { id: title, title, titlePath: [title], file: '', project: '', retry: 0 };
    const step: Step = { kind: planned.kind, test, isolation, group: this.#groups, serial };
    if (!(await agree(this.#model.begin(step), () => between.begin(step)))) return false;
    await this.#look(`the beginning of ${title}`);
    const marks: { own: Marks; model: Moment }[] = [];
    for (const act of planned.acts) {
      await this.#act(worker, act, step, marks, known);
      await this.#look(`${JSON.stringify(act)} in ${title}`);
    }
    const outcome = setup === 'fails' ? 'failed' : 'passed';
    if (!(await agree(this.#model.end(step, outcome), () => between.end(step, outcome)))) return false;
    if (planned.late) await this.#insert();
    return outcome === 'passed';
  }

  async #act(
    { session, between }: Worker,
    act: Act,
    { kind, isolation }: Step,
    marks: { own: Marks; model: Moment }[],
    known: Set<string>,
  ): Promise<void> {
    const model = this.#model;
    if (act === 'insert') return this.#insert();
    if (act === 'update all') {
      model.updateAll();
      await this.#pool.app.query('UPDATE bag SET times = times + 1; UPDATE keyed SET times = times + 1');
    } else if (act === 'change the schema' && isolation !== 'setup') {
      model.changeSchema();
      await this.#pool.app.query(`CREATE TABLE more_${++this.#schemas} (id int)`);
    } else if (act === 'import' && isolation !== 'setup') {
      model.changeSchema();
      const id = ++this.#rows;
      model.insert(id);
      const off = (how: string) => `ALTER TABLE bag ${how} TRIGGER USER; ALTER TABLE keyed ${how} TRIGGER USER`;
      await this.#pool.app.query(`BEGIN; ${off('DISABLE')}; ${insert(id)}; ${off('ENABLE')}; COMMIT`);
    } else if (act === 'checkpoint' && kind === 'hook' && isolation !== 'setup') {
      model.moveBaseline();
      await between.checkpoint();
    } else if (act === 'mark' && isolation !== 'setup') {
      marks.push({ own: await session.mark(), model: model.now });
    } else if (act === 'rewind') {
      const to = marks.at(-1);
      if (to)
        await agree(to.model.schema === model.now.schema && model.rewindTo(to.model), () => session.rewindTo(to.own));
    } else if (typeof act === 'object' && !known.has(act.fixture)) {
      known.add(act.fixture);
      const end = await between.beginFixture(act.fixture);
      const id = ++this.#rows;
      if (!act.finds) await this.#write(id);
      await end();
      if (isolation !== 'setup') model.fixture(act.fixture, new Map(act.finds ? [] : [[id, 0]]));
      else if (!act.finds) model.insert(id);
    }
  }

  async #insert(): Promise<void> {
    const id = ++this.#rows;
    this.#model.insert(id);
    await this.#write(id);
  }

  async #write(id: number): Promise<void> {
    await this.#pool.app.query(insert(id));
  }

  async #look(where: string): Promise<void> {
    const wanted = [...this.#model.now.rows].sort(([a], [b]) => a - b);
    for (const table of ['bag', 'keyed']) {
      const { rows } = await this.#pool.app.query<{ id: number; times: number }>(`SELECT * FROM ${table} ORDER BY id`);
      expect(
        rows.map(({ id, times }) => [id, times]),
        `rows of ${table} after ${where}`,
      ).toEqual(wanted);
    }
  }
}

function insert(id: number): string {
  return `INSERT INTO bag VALUES (${id}, 0); INSERT INTO keyed VALUES (${id}, 0)`;
}

/** Both can do it, or neither can. Returns which. */
async function agree(isPossible: boolean, doIt: () => Promise<void>): Promise<boolean> {
  if (isPossible) await doIt();
  else await expect(doIt()).rejects.toMatchObject({ code: 'REWIND_IMPOSSIBLE' });
  return isPossible;
}

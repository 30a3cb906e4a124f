// A piece of a script is a few statements between two marks: it is rewound and replayed, and the database compared each time.
import type pg from 'pg';
import { StacksError } from '../../../src/errors.ts';
import type { Control } from '../../../src/rewind/control.ts';
import { type Delta, deltaBetween, replay } from '../../../src/rewind/delta.ts';
import { RewindImpossible } from '../../../src/rewind/impossible.ts';
import { type Mark, mark } from '../../../src/rewind/mark.ts';
import { rewind } from '../../../src/rewind/rewind.ts';
import { differences, readState, type State } from '../state.ts';

export interface PieceTally {
  marks: number;
  rewound: number;
  /** How often a rewind was refused, by reason. */
  readonly refused: Map<string, number>;
}

/** What a judge says of a piece; `lost`: the database is no longer what the script made it, without a fault. */
export type Verdict = 'good' | 'lost' | { readonly wrong: string };

export class Pieces {
  readonly #control: Control;
  readonly #observer: pg.Client;
  readonly #tally: PieceTally;
  /** What `end` read last, if nothing came since. */
  #known: State | undefined;
  #from: { readonly mark: Mark; readonly state: State } | undefined;

  constructor(control: Control, observer: pg.Client, tally: PieceTally) {
    this.#control = control;
    this.#observer = observer;
    this.#tally = tally;
  }

  async begin(): Promise<void> {
    const known = this.#known;
    this.#from = undefined;
    this.#known = undefined;
    try {
      const made = await mark(this.#control);
      this.#tally.marks++;
      const state = known ?? (await this.#state());
      this.#from = state && { mark: made, state };
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Rewinds what was done since `begin`, and does it again. */
  async end(): Promise<Verdict> {
    const from = this.#from;
    const after = from && (await this.#state());
    if (!after) return 'good';
    const delta = await this.#delta(from.mark);
    if (delta === 'too much') return 'good';
    const ours = [(this.#observer as unknown as { processID: number }).processID];
    try {
      await rewind(this.#control, from.mark, { ours, active: 400, writing: 40 });
    } catch (error) {
      this.#refuse(error);
      return this.#differ('a refused rewind changed something', after);
    }
    this.#tally.rewound++;
    const undone = await this.#differ('the rewound database is not what it was', from.state);
    if (undone !== 'good') return undone;
    if (delta instanceof RewindImpossible) return { wrong: `rewound, though not to be listed: ${delta.message}` };
    try {
      await replay(this.#control, delta);
    } catch (error) {
      this.#refuse(error, 'replay: ');
      return 'lost';
    }
    return this.#differ('the replayed database is not what it was', after);
  }

  async #delta(since: Mark): Promise<Delta | RewindImpossible | 'too much'> {
    try {
      return await deltaBetween(this.#control, since);
    } catch (error) {
      if (error instanceof RewindImpossible) return error;
      if (error instanceof StacksError && error.code === 'CHANGES_TOO_MANY') return 'too much';
      throw error;
    }
  }

  #refuse(error: unknown, prefix = ''): void {
    if (!(error instanceof StacksError)) throw error;
    const reason = prefix + (error instanceof RewindImpossible ? error.reason : error.code);
    this.#tally.refused.set(reason, (this.#tally.refused.get(reason) ?? 0) + 1);
  }

  /** Undefined: a function of the application's forbids that all be read, as in an index or a view. */
  #state(): Promise<State | undefined> {
    return readState(this.#observer, 'digest').catch(() => undefined);
  }

  async #differ(what: string, expected: State): Promise<Verdict> {
    this.#known = await this.#state();
    const lines = this.#known ? differences(expected, this.#known) : ['nothing can be read'];
    return lines.length === 0 ? 'good' : { wrong: `${what}:\n${lines.join('\n').slice(0, 2000)}` };
  }
}

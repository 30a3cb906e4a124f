// What was changed for all tests, on top of the opening: by the user's globalSetup, and by setup projects, which take turns.
import type { Deltas } from '../../lease/protocol.ts';

/** Changes that all leases start with. */
interface Prelude {
  readonly by: 'globalSetup' | 'setup project';
  readonly delta: Deltas;
}

export class Preludes {
  /** By templates, in the order in which they were made. */
  readonly #all = new Map<string, Prelude[]>();
  /** The end of the last turn that was given. */
  #turns: Promise<void> = Promise.resolve();

  add(template: string, prelude: Prelude): void {
    this.#all.set(template, [...(this.#all.get(template) ?? []), prelude]);
  }

  of(template: string): readonly Deltas[] {
    return (this.#all.get(template) ?? []).map(({ delta }) => delta);
  }

  /** Returns whether there was something to forget. */
  forgetSetups(): boolean {
    let forgot = false;
    for (const [template, preludes] of this.#all) {
      const left = preludes.filter(({ by }) => by === 'globalSetup');
      forgot ||= left.length < preludes.length;
      this.#all.set(template, left);
    }
    return forgot;
  }

  /** Resolves with the function that ends the turn, when all turns asked for before have ended. */
  async turn(): Promise<() => void> {
    const before = this.#turns;
    let end = () => {};
    this.#turns = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }
}

// A record in which one entry after another is replaced, each time for the price of a page of it and not of all: of 10,000
// tests of a file one changes at a time. It is never changed: who replaces an entry gets another one.

const PAGE = 64;

export class Paged<T> {
  /** Where each key is. The same for all that were made from one another. */
  readonly #index: ReadonlyMap<string, number>;
  readonly #pages: readonly (readonly T[])[];
  #record: Readonly<Record<string, T>> | undefined;

  private constructor(index: ReadonlyMap<string, number>, pages: readonly (readonly T[])[]) {
    this.#index = index;
    this.#pages = pages;
  }

  static of<T>(record: Readonly<Record<string, T>>): Paged<T> {
    const entries = Object.entries(record);
    const pages = Array.from({ length: Math.ceil(entries.length / PAGE) }, (_, page) =>
      entries.slice(page * PAGE, (page + 1) * PAGE).map(([, value]) => value),
    );
    return new Paged(new Map(entries.map(([key], index) => [key, index])), pages);
  }

  get size(): number {
    return this.#index.size;
  }

  /** As a record, in the order in which it was made; for those who want all of it. */
  get record(): Readonly<Record<string, T>> {
    this.#record ??= Object.fromEntries(this.entries());
    return this.#record;
  }

  entries(): [string, T][] {
    const values = this.values();
    return [...this.#index.keys()].map((key, index) => [key, values[index] as T]);
  }

  values(): readonly T[] {
    return this.#pages.flat();
  }

  get(key: string): T | undefined {
    const at = this.#index.get(key);
    return at === undefined ? undefined : this.#pages[Math.floor(at / PAGE)]?.[at % PAGE];
  }

  /** With `value` for what is there now. A key that is not there is not added. */
  with(key: string, value: T): Paged<T> {
    const at = this.#index.get(key);
    if (at === undefined) return this;
    const pages = this.#pages.slice();
    const page = (pages[Math.floor(at / PAGE)] ?? []).slice();
    page[at % PAGE] = value;
    pages[Math.floor(at / PAGE)] = page;
    return new Paged(this.#index, pages);
  }
}

// Steps that wait for each other, in the order in which they are asked for.

export class OneByOne {
  #last: Promise<unknown> = Promise.resolve();

  next<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step);
    this.#last = result.catch(() => {}); // Whoever asked for the step gets its error; the next begins all the same.
    return result;
  }
}

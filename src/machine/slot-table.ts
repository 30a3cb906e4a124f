// Who holds slots of the machine, and who waits for one. A run alone gets all that it asks for. Of several, each has one
// that is its own; each further slot that is free goes to the run that has the fewest, and among those to the one that asked
// first.
// No clock, no sockets.

/** What others are told of a run. */
export interface RunInfo {
  /** Its key. */
  readonly run: string;
  /** The project's folder. */
  readonly root: string;
  /** How many slots the machine has, as its options say. */
  readonly slots: number;
}

/** What a run has of the machine. */
export interface RunSlots extends RunInfo {
  readonly held: number;
  readonly waiting: number;
}

export class Party {
  readonly info: RunInfo;
  /** Called when the slot that it has asked for is its own. */
  readonly grant: (id: number) => void;
  readonly held: Set<number> = new Set();
  /** It has had a slot lately, or asks for one: an IDE between two clicks does not count. */
  isLive = false;
  /** It is stopped, or hangs: what it holds uses no processor. */
  isSilent = false;

  constructor(info: RunInfo, grant: (id: number) => void) {
    this.info = info;
    this.grant = grant;
  }

  get counts(): boolean {
    return this.isLive && !this.isSilent;
  }
}

interface Request {
  readonly party: Party;
  readonly id: number;
}

export class SlotTable {
  readonly #parties = new Set<Party>();
  /** In the order in which they asked. */
  #waiting: Request[] = [];
  /** Runs that had slots before may not have said so yet: nobody gets a further one. */
  #isIncomplete = false;

  /** Returns what is to be called when all that were there have joined. */
  awaitOthers(): () => void {
    this.#isIncomplete = true;
    return () => {
      this.#isIncomplete = false;
      this.pass();
    };
  }

  join(party: Party): void {
    this.#parties.add(party);
  }

  leave(party: Party): void {
    this.#parties.delete(party);
    this.#waiting = this.#waiting.filter((request) => request.party !== party);
    this.pass();
  }

  /** It has taken a slot without asking: it had none, or may not wait, or knew of no other run. */
  hold(party: Party, id: number): void {
    this.#waiting = this.#waiting.filter((request) => !isOf(request, party, id));
    party.held.add(id);
  }

  /** Grants the slot at once, or in its turn. True: it has to wait. */
  ask(party: Party, id: number): boolean {
    this.#waiting.push({ party, id });
    this.pass();
    return this.#waiting.some((request) => isOf(request, party, id));
  }

  /** It needs the slot no more, or asks for it no more. */
  giveBack(party: Party, id: number): void {
    party.held.delete(id);
    this.#waiting = this.#waiting.filter((request) => !isOf(request, party, id));
    this.pass();
  }

  /** Grants what is free. To be called when a party counts no more, or again. */
  pass(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      const { party, id } = next;
      this.hold(party, id);
      party.grant(id);
    }
  }

  get isAnyWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** How many runs share the machine now. */
  get live(): number {
    return [...this.#parties].filter(({ counts }) => counts).length;
  }

  /** Those that have slots, or wait for them. */
  runs(): readonly RunSlots[] {
    return [...this.#parties]
      .map((party) => ({ ...party.info, held: party.held.size, waiting: this.#asked(party) }))
      .filter(({ held, waiting }) => held + waiting > 0);
  }

  isWaiting(party: Party): boolean {
    return this.#asked(party) > 0;
  }

  #asked(party: Party): number {
    return this.#waiting.filter((request) => request.party === party).length;
  }

  #next(): Request | undefined {
    const counting = [...this.#parties].filter(({ counts }) => counts);
    // One is each run's own, also between two groups: given away, there would be one too many when it asks again.
    const inUse = counting.reduce((sum, { held }) => sum + Math.max(held.size, 1), 0);
    const isFree = ({ party }: Request) => !this.#isIncomplete && inUse < party.info.slots;
    const isAlone = ({ party }: Request) => !this.#isIncomplete && counting.every((other) => other === party);
    return this.#waiting
      .filter((request) => request.party.held.size === 0 || isFree(request) || isAlone(request))
      .reduce<Request | undefined>((first, each) => (first && fewest(first, each) ? first : each), undefined);
  }
}

function fewest(first: Request, other: Request): boolean {
  return first.party.held.size <= other.party.held.size;
}

function isOf(request: Request, party: Party, id: number): boolean {
  return request.party === party && request.id === id;
}

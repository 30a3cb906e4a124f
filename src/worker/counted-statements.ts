// How many statements the application ran in a test, what they took, and which: for every test, from what Postgres counts.
import { type Client, connect } from '../postgres/client/connection.ts';
import { databaseEnv, serverTitle, withDatabase } from '../postgres/client/connection-string.ts';
import type { Counting } from '../postgres/statements/counting.ts';
import type { StatementCounts } from '../test-events.ts';
import { presentable } from '../text/presentable.ts';
import { sqlWithoutValues } from '../text/shown-sql.ts';
import { within } from '../wait.ts';

/** How many are named, and the characters of one. */
const MOST_NAMED = 5;
const LONGEST = 500;
/** Texts that are remembered, so that most tests ask for numbers only. */
const MOST_TEXTS = 5_000;
/** Milliseconds: a test is not held up by its counts. */
const TIMEOUT_MS = 2_000;

interface Counted {
  readonly id: string;
  readonly calls: number;
  readonly ms: number;
  readonly rows: number;
}

export class CountedStatements {
  readonly #client: Promise<Client>;
  readonly #counting: Counting;
  /** The application has a role of its own. */
  readonly #isTold: boolean;
  readonly #texts: Map<string, string> = new Map();
  #isLost = false;

  /**
   * Connects at once, beside whatever comes before the first test.
   * @param url of a role that may ask
   * @param application of the application
   */
  constructor(counting: Counting, url: string, application: string) {
    const own = withDatabase(url, counting.database);
    this.#client = connect({ connectionString: own }, serverTitle(own), { purpose: 'count' });
    this.#client.catch(() => {}); // Whoever asks finds it.
    this.#counting = counting;
    this.#isTold = databaseEnv(url).PGUSER !== databaseEnv(application).PGUSER;
  }

  /** A test begins. @param databases their names */
  async begin(databases: readonly string[]): Promise<void> {
    await this.#ask((client) => client.query({ name: 'reset', text: this.#counting.reset, values: [databases] }));
  }

  /** Since it began, but for ours. Undefined: it cannot be told any more, of this test and of later ones. */
  read(databases: readonly string[]): Promise<StatementCounts | undefined> {
    return this.#ask((client) => this.#read(client, databases));
  }

  async #read(client: Client, databases: readonly string[]): Promise<StatementCounts> {
    const { rows } = await client.query<Counted>({
      name: 'read',
      text: this.#counting.read,
      values: [databases, !this.#isTold],
    });
    await this.#learnTexts(client, databases, rows);
    const theirs = rows.filter(({ id }) => !(this.#texts.get(id) ?? '').includes('playwright_stacks'));
    const sum = (of: 'calls' | 'ms' | 'rows') => theirs.reduce((total, each) => total + each[of], 0);
    return {
      ...{ count: sum('calls'), distinct: theirs.length, ms: Math.round(sum('ms') * 1_000) / 1_000, rows: sum('rows') },
      longest: theirs.slice(0, MOST_NAMED).map(({ id, calls, ms, rows: of }) => ({
        ...{ sql: this.#texts.get(id) ?? '', times: calls, ms: Math.round(ms * 1_000) / 1_000, rows: of },
      })),
    };
  }

  async #learnTexts(client: Client, databases: readonly string[], counted: readonly Counted[]): Promise<void> {
    if (this.#texts.size > MOST_TEXTS) this.#texts.clear();
    const unknown = counted.map(({ id }) => id).filter((id) => !this.#texts.has(id));
    if (unknown.length === 0) return;
    const { rows } = await client.query<{ id: string; sql: string }>(this.#counting.texts, [databases, unknown]);
    for (const { id, sql } of rows) {
      this.#texts.set(id, presentable(sqlWithoutValues(sql).replace(/\s+/g, ' ').trim(), LONGEST));
    }
  }

  /** No test fails because its statements could not be counted. */
  async #ask<T>(question: (client: Client) => Promise<T>): Promise<T | undefined> {
    if (this.#isLost) return undefined;
    try {
      const client = await this.#client;
      return await within(TIMEOUT_MS, 'the counts of statements', () => question(client));
    } catch {
      this.#isLost = true;
      return undefined;
    }
  }
}

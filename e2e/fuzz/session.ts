// One connection of the application's: runs statements, tells all that a client is told, and what of it was committed.
import pg from 'pg';
import type { Reason } from '../../src/rewind/impossible.ts';
import type { Statement } from './statement.ts';

/** What a program did that makes a rewind impossible: for certain, or perhaps. */
export interface Deeds {
  readonly certain: Set<Reason>;
  readonly perhaps: Set<Reason>;
}

/** What a client is told of a statement. */
export interface Told {
  readonly results?: readonly {
    readonly command: string;
    readonly rowCount: number | null;
    readonly rows: readonly (readonly (string | null)[])[];
    readonly columns: readonly string[];
  }[];
  readonly code?: string | undefined;
  readonly message?: string;
  readonly detail?: string | undefined;
  readonly notices: readonly (string | undefined)[];
}

export interface SessionOptions {
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Since each mark. */
  readonly deeds: () => readonly Deeds[];
  readonly say: (line: string) => void;
  /** It may have committed what event triggers do not see. */
  readonly onHidden?: () => void;
}

// Values as Postgres sent them.
const RAW = { getTypeParser: () => (value: string) => value };
// Those that RESET ALL goes back to.
const OPTIONS = '-c lock_timeout=50 -c statement_timeout=10000';
// One of the sessions writes values as text in its own manner.
const ODD = `SET DateStyle = 'German'; SET TimeZone = 'Asia/Kolkata'; SET extra_float_digits = -3; SET IntervalStyle = 'sql_standard'; SET bytea_output = 'escape'`;

export class Session {
  readonly name: string;
  /** What it still has to do. */
  queue: Promise<void> = Promise.resolve();
  readonly #options: SessionOptions;
  #client: pg.Client | undefined;
  #pending: Statement[] = [];
  #doubtful = false;
  #strict = false;
  #busy = false;

  constructor(name: string, options: SessionOptions) {
    this.name = name;
    this.#options = options;
  }

  get pid(): number | undefined {
    return (this.#client as unknown as { processID?: number } | undefined)?.processID;
  }

  /** True between BEGIN and its end, also of one that failed. */
  get inside(): boolean {
    const status = this.#client?.getTransactionStatus();
    return status === 'T' || status === 'E';
  }

  async run(statement: Statement): Promise<Told> {
    this.#client ??= await this.#connect();
    const client = this.#client;
    const notices: (string | undefined)[] = [];
    const listen = ({ message }: { message?: string | undefined }): number => notices.push(message);
    client.on('notice', listen);
    const text = statement.text.replaceAll('{db}', this.#options.database);
    this.#busy = true;
    try {
      const results = [await ask(client, text, statement.data)].flat();
      const commands = results.map(({ command, rowCount }) => `${command} ${rowCount ?? ''}`.trim());
      this.#options.say(`${this.name}: ${text}; -- ${commands.join(', ')}`);
      const skipped = notices.some((notice) => notice?.includes('skipping'));
      this.#note(text, results.at(-1)?.command ?? '', skipped ? { text } : statement);
      return {
        results: results.map(({ command, rowCount, rows, fields }) => ({
          command,
          rowCount,
          rows,
          columns: fields.map(({ name }) => name),
        })),
        notices,
      };
    } catch (error) {
      const { code, message, detail } = error as pg.DatabaseError;
      this.#options.say(`${this.name}: ${text}; -- ${code ?? ''} ${message}`);
      if (code === undefined || code.startsWith('57P')) this.#lost('in flight');
      else if (!this.inside) this.#ended('rolled back');
      return { code, message, detail: detail?.replaceAll(/Process \d+/g, 'Process'), notices };
    } finally {
      this.#busy = false;
      client.off('notice', listen);
    }
  }

  /** Its client dies. */
  async kill(how: 'socket' | 'terminate', terminate: (pid: number) => Promise<unknown>): Promise<void> {
    const { pid } = this;
    const client = this.#client;
    if (!client || pid === undefined) return;
    this.#options.say(`-- ${this.name} is killed: ${how}`);
    if (!this.#busy) this.#lost('at rest');
    if (how === 'terminate') await terminate(pid);
    else (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  async close(): Promise<void> {
    await this.queue;
    const client = this.#client;
    this.#lost('at rest');
    await client?.end().catch(() => {}); // Killed before.
  }

  #note(text: string, command: string, statement: Statement): void {
    if (/ISOLATION LEVEL|transaction_isolation/.test(text)) this.#strict = true;
    // The schemas of fixtures/schemas have functions `do_…`, some of which truncate.
    const strict = this.#strict && /TRUNCATE|\.do_/.test(text);
    if (strict) this.#pending.push({ text, reason: 'truncate', certain: 'perhaps' });
    if (/^ROLLBACK TO/.test(text)) this.#doubtful = true;
    // A sequence moves at once, and does not move back.
    if (statement.reason === 'sequence-cache') this.#blame('perhaps', [statement]);
    else if (statement.reason) this.#pending.push(statement);
    const chained = / AND CHAIN/.test(text);
    if (this.inside && !chained) return;
    const prepared = /^PREPARE TRANSACTION/.test(text);
    if (prepared) this.#blame('perhaps', this.#pending);
    this.#ended(prepared || command === 'ROLLBACK' ? 'rolled back' : 'committed');
  }

  #ended(how: 'committed' | 'rolled back'): void {
    if (how === 'committed') {
      this.#blame('perhaps', this.#pending);
      const certain = this.#pending.filter((statement) => statement.certain === 'when committed');
      if (!this.#doubtful) this.#blame('certain', certain);
    }
    this.#pending = [];
    this.#doubtful = false;
  }

  /** Of what was in flight nobody knows whether it was committed. */
  #lost(when: 'in flight' | 'at rest'): void {
    if (when === 'in flight') this.#blame('perhaps', this.#pending);
    this.#ended('rolled back');
    this.#client = undefined;
    this.#strict = false;
  }

  #blame(how: keyof Deeds, statements: readonly Statement[]): void {
    if (statements.some(({ hidden }) => hidden)) this.#options.onHidden?.();
    for (const { reason } of statements) if (reason) for (const deeds of this.#options.deeds()) deeds[how].add(reason);
  }

  async #connect(): Promise<pg.Client> {
    const { port, database, user } = this.#options;
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user,
      database,
      application_name: 'fuzz',
      options: OPTIONS,
    });
    client.on('error', () => {}); // Killed: whoever uses it learns it.
    client.on('end', () => {
      if (this.#client === client && !this.#busy) this.#lost('at rest');
    });
    await client.connect();
    if (this.name === 's3') await client.query(ODD);
    return client;
  }
}

async function ask(
  client: pg.Client,
  text: string,
  data: string | undefined,
): Promise<pg.QueryArrayResult | pg.QueryArrayResult[]> {
  const query = { text, types: RAW, rowMode: 'array' as const };
  if (data === undefined) return client.query<(string | null)[]>(query);
  // COPY … FROM STDIN.
  return new Promise((resolve, reject) => {
    const copy = new pg.Query(query as unknown as string) as unknown as CopyQuery;
    copy.callback = (error, result) => (error ? reject(error) : resolve(result));
    copy.handleCopyInResponse = (connection) => {
      if (data !== '') connection.sendCopyFromChunk(Buffer.from(data));
      connection.endCopyFrom();
    };
    client.query(copy);
  });
}

interface CopyQuery extends pg.Submittable {
  callback: (error: Error | null, result: pg.QueryArrayResult) => void;
  handleCopyInResponse: (connection: { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }) => void;
}

// A test or hook while it runs: from when its logs are its own, and what is gathered of it when it has failed.

import { StacksError } from '../errors.ts';
import type { Failure, ServerLog, Statement, Statements } from '../failure/failure.ts';
import type { StackInfo, StatementLog } from '../lease/run-file.ts';
import { isWhole, type LogPosition, logPosition, readSince } from '../log-slice.ts';
import { stackTitle } from '../names.ts';
import type { StatementCounts, TestRef } from '../test-events.ts';
import { keptAt, presentableEnds } from '../text/presentable.ts';
import type { CountedStatements } from './counted-statements.ts';
import type { Session } from './session.ts';

/** Bytes of a server's log: half of them from its beginning, half from its end. */
const LONGEST_LOG = 128 * 1024;
/** What is shown of changed rows, and of a value in one. */
const MOST_CHANGES = { rows: 200, characters: 300 };

export class ObservedTest {
  readonly #session: Session;
  readonly #began: number = Date.now();
  readonly #logs: readonly (LogPosition & { readonly server: string })[];
  readonly #statements: (StatementLog & LogPosition) | undefined;
  readonly #counted: CountedStatements | undefined;
  #counts: StatementCounts | undefined;

  /**
   * It begins now.
   * @param statements undefined: they are not logged
   * @param counted undefined: they are not counted
   */
  constructor(session: Session, statements: StatementLog | undefined, counted: CountedStatements | undefined) {
    this.#session = session;
    this.#logs = Object.entries(session.stack.logs).map(([server, file]) => ({ server, ...logPosition(file) }));
    this.#counted = counted;
    this.#statements = statements && { ...statements, ...logPosition(statements.file) };
  }

  /** Statements are shown also of tests that pass. */
  get isShownAlways(): boolean {
    return this.#statements?.when === 'on';
  }

  /** What the application does is counted from here. */
  async begin(): Promise<void> {
    await this.#counted?.begin(this.#databases);
  }

  /** The body has ended, and nothing of ours was asked of the databases yet. */
  async end(test: TestRef): Promise<void> {
    this.#counts = await this.#counted?.read(this.#databases);
    if (this.#counts && this.#counts.count > 0)
      this.#session.emit({ type: 'statements-counted', test, ...this.#counts });
  }

  /** It has failed, and nothing is rewound yet. What cannot be asked for any more is left out. */
  async gather(): Promise<Failure> {
    const session = this.#session;
    const ended = Date.now();
    const servers = await session.servers.look().catch(() => []); // The run is over: the logs are there all the same.
    const sessions = await session.sessions().catch(() => []);
    const { changes, rows } = await session.firstChanges(MOST_CHANGES).catch(() => ({ changes: [], rows: 0 })); // after DDL
    return {
      ...{
        began: this.#began,
        ended,
        logs: this.#logs.flatMap(logOf),
        statements: await this.statements().catch(() => undefined),
        counts: this.#counts,
      },
      rows: { count: rows, shown: changes },
      stack: { title: stackTitle(session.stack.slot, session.stack.variant), servers, sessions },
    };
  }

  /** What the application has done on the databases until now. Read by a module that tests which pass need not load. */
  async statements(): Promise<Statements | undefined> {
    const log = this.#statements;
    if (!log) return undefined;
    const { testStatements } = await import('./test-statements.ts');
    return testStatements(log, this.#began, this.#databases, log.parameters);
  }

  /** Each of them. */
  async allStatements(): Promise<readonly Statement[] | undefined> {
    const log = this.#statements;
    if (!log) return undefined;
    if (!isWhole(log)) throw logCut();
    const { allStatements } = await import('./test-statements.ts');
    return allStatements(log, this.#databases, log.parameters);
  }

  /** Milliseconds since 1970. */
  get began(): number {
    return this.#began;
  }

  get stack(): StackInfo {
    return this.#session.stack;
  }

  get #databases(): readonly string[] {
    return this.#session.stack.databases.map(({ database }) => database);
  }
}

/** A budget must not be kept because of what is missing. */
function logCut(): StacksError {
  return new StacksError('CHANGES_TOO_MANY', 'the log of statements was full, and began anew during the test.', {
    hint: "ask for statements in a test that runs less; `sql: { when: 'on-failure', parameters: 'hide' }` logs less.",
  });
}

function logOf({ server, ...position }: LogPosition & { readonly server: string }): ServerLog[] {
  const text = presentableEnds(readSince(position, keptAt(LONGEST_LOG)), LONGEST_LOG);
  return text.trim() === '' ? [] : [{ server, text }];
}

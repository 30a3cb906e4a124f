// The statements of a test, from the part of the server's log that was written meanwhile, as they may be shown.
import type { Statement, Statements } from '../failure/failure.ts';
import { type LogPosition, textSince } from '../log-slice.ts';
import { normalise, traceOf } from '../postgres/statements/normalise.ts';
import { type LoggedStatement, readStatements } from '../postgres/statements/read-statements.ts';
import { repeated } from '../postgres/statements/repeated.ts';
import { presentable } from '../text/presentable.ts';
import { shownError } from '../text/shown-error.ts';
import { shownSql } from '../text/shown-sql.ts';

/** Bytes of each end of the log: all slots write to it. */
const MOST_LOG = 16 * 2 ** 20;
/** How many of those that failed or waited are shown, and how many of all: the first and the last. */
const MOST_SHOWN = { striking: 100, first: 100, last: 300 };
/** Characters. */
const LONGEST = { sql: 2_000, parameter: 200, error: 1_000 };

/**
 * @param since milliseconds since 1970
 * @param parameters whether values may be shown
 */
export function testStatements(
  log: LogPosition,
  since: number,
  databases: readonly string[],
  parameters: 'show' | 'hide',
): Statements {
  const all = logged(log, databases);
  const normalised = new Map(all.map(({ sql }) => [sql, '']));
  for (const sql of normalised.keys()) normalised.set(sql, normalise(sql));
  const runs = all.map(({ sql, at }) => ({ at, normalised: normalised.get(sql) ?? '', request: traceOf(sql) }));
  return {
    since,
    count: all.length,
    distinct: new Set(runs.map(({ normalised }) => normalised)).size,
    ms: all.reduce((sum, { ms = 0 }) => sum + ms, 0),
    shown: chosen(all).map((statement) => shown(statement, parameters)),
    repeated: repeated(runs).map(({ normalised, times }) => ({ sql: presentable(normalised, LONGEST.sql), times })),
  };
}

/** Each of them, as it may be shown. */
export function allStatements(
  log: LogPosition,
  databases: readonly string[],
  parameters: 'show' | 'hide',
): readonly Statement[] {
  return logged(log, databases).map((statement) => shown(statement, parameters));
}

function logged(log: LogPosition, databases: readonly string[]): readonly LoggedStatement[] {
  return readStatements(textSince(log, MOST_LOG), databases);
}

function chosen(all: readonly LoggedStatement[]): readonly LoggedStatement[] {
  const { striking: most, first, last } = MOST_SHOWN;
  if (all.length <= first + last) return all;
  const striking = all.filter(({ error, waited }) => error !== undefined || waited !== undefined).slice(0, most);
  const kept = new Set([...all.slice(0, first), ...striking, ...all.slice(-last)]);
  return all.filter((each) => kept.has(each));
}

function shown(statement: LoggedStatement, how: 'show' | 'hide'): Statement {
  const { at, pid, application, ms, waited, error } = statement;
  const { sql, parameters, isWhole } = shownSql(statement, how);
  const said = error && shownError(error, isWhole ? how : 'hide');
  return {
    ...{ at, ms, waited, session: pid, application: presentable(application), request: traceOf(statement.sql) },
    sql: presentable(sql.trim(), LONGEST.sql),
    parameters: parameters.map((value) => (value === null ? null : presentable(value, LONGEST.parameter))),
    error: said && presentable(said, LONGEST.error),
  };
}

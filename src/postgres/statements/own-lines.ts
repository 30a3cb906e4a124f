// What a server says of itself in a part of its log, without what its sessions ran.
import { sqlWithoutValues } from '../../text/shown-sql.ts';

/** The database and the level of a record. */
const HEAD = /^\S+ \S+ UTC \[\d+\] (\S*) [0-9A-Z]{5} [^\t\n]*\t([A-Z]+): {2}/;

/** @param part from the beginning of the log on, or of its end, where the first record may be cut */
export function ownLines(log: string, part: 'beginning' | 'end'): string[] {
  const records = log.trimEnd().split(/\n(?!\t)/);
  return (part === 'end' ? records.slice(1) : records).flatMap((record) => {
    const [, database = '', level = ''] = HEAD.exec(record) ?? [];
    if (database !== '' && !/^(?:FATAL|PANIC)$/.test(level)) return [];
    const said = record.replace(
      /(Failed process was running: )(.*)/s,
      (_, is: string, sql: string) => is + sqlWithoutValues(sql),
    );
    return said.split('\n');
  });
}

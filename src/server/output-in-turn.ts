// Where the output of a server goes that was started before its turn: kept until then, to the log and the terminal as long as
// the server is the slot's, and what it prints after that to a log of its own, where it confuses nobody.
import { type LogFile, openLog } from '../log-file.ts';
import { keepTail, type OutputTail } from '../process/output.ts';
import { type OutputTargets, openOutput, type ServerOutput } from './server-output.ts';

/** Characters that are kept of what it prints before its turn. */
const MOST_KEPT = 262_144;

export interface OutputInTurn extends ServerOutput {
  /** It is its turn. */
  begin(): void;
  /** It was. */
  end(): void;
}

/** @param turn what the log says where it begins: `generation 4` */
export function outputInTurn(targets: OutputTargets, turn: string): OutputInTurn {
  const tail = keepTail();
  let kept: Parameters<OutputTail['push']>[] | undefined = [];
  let length = 0;
  let current: ServerOutput | undefined;
  let after: LogFile | undefined;
  return {
    push(stream, text) {
      tail.push(stream, text);
      if (current) current.push(stream, text);
      else if (after) after.write(text);
      else if (kept && length < MOST_KEPT) {
        kept.push([stream, text]);
        length += text.length;
      }
    },
    tail: () => tail.lines(),
    begin() {
      current = openOutput({ ...targets, beginning: `${turn}, which began` });
      for (const [stream, text] of kept ?? []) current.push(stream, text);
      kept = undefined;
    },
    end() {
      if (!current) return;
      current.close();
      current = undefined;
      after = openLog(targets.logFile.replace(/(\.log)?$/, '-ended.log'));
      after.write(`---- ${turn}, after its end at ${new Date().toISOString()} ----\n`);
    },
    close() {
      current?.close();
      after?.close();
      current = undefined;
      after = undefined;
      kept = undefined;
    },
  };
}

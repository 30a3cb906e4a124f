// The reaper's process: `node reaper-main.js <the run's folder>`. Its standard input is a pipe from the runner; at its
// end, however the runner ended, it removes what the run's journal still notes, prints what that was, and ends.
import { TOUCH_INTERVAL_MS } from './journal.ts';
import { reap, touchRun } from './reap.ts';

const [, , folder] = process.argv;
if (folder) {
  // What ends a whole session or service must not end the one who cleans up after it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const touching = setInterval(() => touchRun(folder), TOUCH_INTERVAL_MS);
  process.stdin.on('error', act).on('end', act).resume();
  let acting = false;
  function act(): void {
    if (acting || !folder) return;
    acting = true;
    clearInterval(touching);
    process.stdout.on('error', () => {}); // There is no runner any more.
    reap(folder).then(
      async (reaped) => {
        await tidyMeetingPlace();
        process.stdout.write(JSON.stringify(reaped), () => process.exit(reaped.failures.length === 0 ? 0 : 1));
      },
      () => process.exit(1), // the journal is unreadable: the runner, or a person, looks at it
    );
  }
}

/** Nothing depends on it: the next run does it, too. */
async function tidyMeetingPlace(): Promise<void> {
  await import('../machine/meeting-place.ts').then(({ tidy }) => tidy()).catch(() => {});
}

// Milliseconds as people say them.

/** `30 minutes`, `1 minute`; what is no whole number of them stays in milliseconds, as options are written: `1500 ms`. */
export function duration(ms: number): string {
  const minutes = ms / 60_000;
  if (!Number.isInteger(minutes) || minutes === 0) return `${ms} ms`;
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

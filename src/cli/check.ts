// What `doctor` found out about one thing.
export interface Check {
  /** `warn`: a run works, less well or not with every option. */
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly found: string;
  /** What to do. */
  readonly todo?: string;
}

/** One mistake in the options: "`path` text". */
export interface Mistake {
  readonly path: string;
  readonly text: string;
}

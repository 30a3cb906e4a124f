// What a report has in it: the model of its run, or of each of several. Read back when reports are merged.
import type { BoardModel } from '../board-model.ts';

/** Changes when an older page, or an older `merge-reports`, would not understand it. */
export const REPORT_VERSION = 1;

export interface ReportData {
  readonly version: typeof REPORT_VERSION;
  readonly runs: readonly BoardModel[];
  /** Reports that were to be merged, and could not be read: what is said of each. */
  readonly missing: readonly string[];
}

/** The element that has it. */
export const DATA_ID = 'data';

const BEGIN = `<script type="application/json" id="${DATA_ID}">`;
const END = '</script>';

/** Nothing in it ends the element or begins another. */
export function dataElement(data: ReportData): string {
  return `${BEGIN}${JSON.stringify(data).replaceAll('<', '\\u003c')}${END}`;
}

/** @throws with what a person can do about it */
export function readData(html: string): ReportData {
  const from = html.indexOf(BEGIN);
  const to = html.indexOf(END, from + BEGIN.length);
  if (from < 0 || to < 0) throw new Error('it is no report of playwright-stacks');
  const data = Object(JSON.parse(html.slice(from + BEGIN.length, to)));
  const said = unreadable(data.version);
  if (said !== undefined) throw new Error(said);
  const { runs, missing } = data;
  if (!Array.isArray(runs) || !runs.every(isModel) || !Array.isArray(missing)) throw new Error('its data is damaged');
  return data as ReportData;
}

function isModel(run: unknown): boolean {
  const { state, timeline } = Object(run);
  return [state, timeline].every((part) => typeof part === 'object' && part !== null);
}

/** Undefined: it can be read. */
export function unreadable(version: unknown): string | undefined {
  if (version === REPORT_VERSION) return undefined;
  return `its data has version ${JSON.stringify(version)}, and this one reads version ${REPORT_VERSION}: use the version of playwright-stacks that wrote it`;
}

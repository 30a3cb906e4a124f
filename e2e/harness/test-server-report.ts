// What a test server reports, in the wire format of Playwright's reporters, of which only this much is looked at.

/** One test's attempt in a click. */
export interface ClickedTest {
  readonly title: string;
  readonly project: string;
  readonly status: string;
  readonly worker: number;
  readonly errors: readonly string[];
}

export interface Report {
  /** By the test's id. */
  readonly titles: ReadonlyMap<string, { readonly title: string; readonly project: string }>;
  readonly tests: readonly ClickedTest[];
  /** What belongs to no test. */
  readonly errors: readonly string[];
}

export interface ReportEvent {
  readonly method: string;
  readonly params: ReportParams;
}

/** What of the reporters' wire format is looked at. */
interface ReportParams {
  readonly project?: { readonly name: string; readonly suites: readonly Entry[] };
  readonly test?: { readonly testId: string };
  readonly testId?: string;
  readonly result?: {
    readonly id: string;
    readonly workerIndex: number;
    readonly status: string;
    readonly errors: readonly { readonly message?: string }[];
  };
  readonly error?: { readonly message?: string };
}

interface Entry {
  readonly title: string;
  readonly testId?: string;
  readonly entries?: readonly Entry[];
}

/** The tests that exist, by id, the attempts in the order in which they ended, and the errors. */
export function readReport(events: readonly ReportEvent[]): Report {
  const titles = new Map<string, { title: string; project: string }>();
  const workers = new Map<string, number>();
  const tests: ClickedTest[] = [];
  const errors: string[] = [];
  const enter = (entry: Entry, project: string, path: string) => {
    const title = path ? `${path} › ${entry.title}` : entry.title;
    if (entry.testId) titles.set(entry.testId, { title, project });
    for (const each of entry.entries ?? []) enter(each, project, title);
  };
  for (const { method, params } of events) {
    const { project, test, testId = test?.testId ?? '', result, error } = params ?? {};
    if (method === 'onProject') for (const suite of project?.suites ?? []) enter(suite, project?.name ?? '', '');
    if (method === 'onTestBegin' && result) workers.set(result.id, result.workerIndex);
    if (method === 'onError') errors.push(error?.message ?? '');
    if (method !== 'onTestEnd' || !result) continue;
    tests.push({
      ...(titles.get(testId) ?? { title: testId, project: '' }),
      status: result.status,
      worker: workers.get(result.id) ?? -1,
      errors: result.errors.map(({ message = '' }) => message),
    });
  }
  return { tests, errors, titles };
}

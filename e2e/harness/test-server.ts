// Drives Playwright's test server over its WebSocket as the VS Code extension does: list, set up once, run per click.
import type { Project, Running, RunOptions } from './test.ts';
import { type Report, type ReportEvent, readReport } from './test-server-report.ts';
import { connect } from './test-server-socket.ts';

export interface Click extends Omit<Report, 'titles'> {
  /** Playwright's: passed, failed, interrupted … */
  readonly status: string;
}

/** What `runTests` takes; absent: everything. */
export interface ClickOptions {
  readonly locations?: readonly string[];
  readonly projects?: readonly string[];
  readonly workers?: number;
  readonly maxFailures?: number;
}

export interface TestServer {
  readonly running: Running;
  /** The titles of the tests that the explorer would show. */
  readonly list: () => Promise<readonly string[]>;
  readonly setUp: () => Promise<Omit<Click, 'tests'>>;
  readonly click: (options?: ClickOptions) => Promise<Click>;
  /** Ends the click that is under way; resolves when it is over. */
  readonly stopTests: () => Promise<void>;
  /** What it has printed, which the IDE shows. */
  readonly printed: () => string;
  /** As the IDE does: closes the socket, and nothing more. */
  readonly disconnect: () => void;
  /** Tears down on demand, then ends the server. */
  readonly close: () => Promise<void>;
}

type Start = (project: Project, args: readonly string[], options: RunOptions) => Promise<Running>;

/** Starts a test server in the project and initializes it. */
export async function openTestServer(start: Start, project: Project, options: RunOptions = {}): Promise<TestServer> {
  const command = ['test-server', '-c', '.', '--host', '127.0.0.1'];
  const running = await start(project, [], { timeout: 120_000, ...options, command });
  const [, url = ''] = await running.waitForOutput(/Listening on (ws:\S+)/);
  const connection = await connect(url);
  const { call } = connection;
  await call('initialize', { interceptStdio: true, closeOnDisconnect: true });
  return {
    running,
    list: async () => {
      const { report } = await call<Reported>('listTests', {});
      return [...readReport(report).titles.values()].map(({ title }) => title);
    },
    setUp: async () => {
      const { status, report } = await call<Reported>('runGlobalSetup', {});
      return { status, errors: readReport(report).errors };
    },
    click: async (options = {}) => {
      const events = connection.collect();
      const { status } = await call<{ status: string }>('runTests', { ...options });
      const { tests, errors } = readReport(events());
      return { status, tests, errors };
    },
    stopTests: () => call('stopTests', {}),
    printed: connection.printed,
    disconnect: () => connection.close(),
    close: async () => {
      await call('runGlobalTeardown', {});
      connection.close();
      await running.done;
    },
  };
}

interface Reported {
  readonly status: string;
  readonly report: readonly ReportEvent[];
}

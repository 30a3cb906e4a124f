// What runs beside the app servers of a run: the command of `beside`, and with STACKS_INSPECT=1 Node's inspector. Neither
// harms a test: what goes wrong is an event, one for a server of the options and not one for each slot.
import type { JournalWriter } from '../../cleanup/journal.ts';
import type { ResolvedServer } from '../../config/resolved.ts';
import { messageOf } from '../../errors.ts';
import type { Events } from '../../events.ts';
import { freeName } from '../../files/free-name.ts';
import type { AppServer } from '../../server/app-server.ts';
import { type AppServerSpec, serverTitle } from '../../server/app-server-spec.ts';
import { startBeside } from '../../server/beside.ts';
import { openInspector } from '../../server/inspector.ts';
import type { PlaceholderValues } from '../../server/placeholders.ts';
import type { StackPlan } from './plan.ts';

export interface ServerToolsOptions {
  readonly events: Events;
  readonly journal: JournalWriter;
  /** How many stacks the run may have open at once. */
  readonly stacks: number;
}

export class ServerTools {
  readonly #options: ServerToolsOptions;
  /** What was reported, and is not reported again. */
  readonly #reported = new Set<string>();

  constructor(options: ServerToolsOptions) {
    this.#options = options;
  }

  /** `server` is ready. Returns what is to be called before it is ended. Neither rejects. */
  async begin(
    server: ResolvedServer,
    { info, ports, inspectPorts }: StackPlan,
    spec: AppServerSpec,
    started: AppServer,
  ): Promise<() => Promise<void>> {
    const inspectPort = inspectPorts[server.name];
    const stack = { slot: info.slot, variant: info.variant, server: server.name };
    if (inspectPort !== undefined) await this.#inspect(stack, started, inspectPort);
    const values = { name: server.name, ports, urls: info.servers };
    return (await this.#beside(stack, server, spec, started, values)) ?? (async () => {});
  }

  async #inspect(stack: Named, started: AppServer, port: number): Promise<void> {
    const found = await openInspector(started, port).catch((error) => ({ why: messageOf(error) }));
    const isNews = this.#isNews(
      `inspector of ${stack.server} of ${stack.slot} ${stack.variant}: ${Object.keys(found)}`,
    );
    if (isNews) this.#options.events.emit({ type: 'inspector', ...stack, ...found });
  }

  async #beside(
    stack: Named,
    { beside, option }: ResolvedServer,
    spec: AppServerSpec,
    started: AppServer,
    ports: PlaceholderValues,
  ): Promise<(() => Promise<void>) | undefined> {
    if (!beside) return undefined;
    const { events, journal, stacks } = this.#options;
    if (beside.once && stacks > 1) {
      if (this.#isNews(`once ${option}`)) events.emit({ type: 'beside-left-out', ...stack, stacks });
      return undefined;
    }
    const failed = (why: string) => {
      if (this.#isNews(`failed ${option}`)) events.emit({ type: 'beside-failed', ...stack, why });
    };
    try {
      const { cwd, env, logFile } = spec;
      const output = freeName(logFile.replace(/\.log$/, '-beside'));
      const of = { title: serverTitle(spec), slot: stack.slot, command: beside.command };
      const running = await startBeside({ ...of, cwd, env, ports, output }, started, journal.noteGroup);
      const reported = running.ended.then(({ failure, files }) => {
        if (failure !== undefined) failed(failure);
        events.emit({ type: 'beside-ended', ...stack, files });
      });
      return async () => {
        await running.end();
        await reported.catch(() => {});
      };
    } catch (error) {
      failed(messageOf(error));
      return undefined;
    }
  }

  #isNews(what: string): boolean {
    const isNews = !this.#reported.has(what);
    this.#reported.add(what);
    return isNews;
  }
}

interface Named {
  readonly slot: number;
  readonly variant: string;
  readonly server: string;
}

// The servers of a stack, proved: that none is connected to a development server, where the slot's own is meant.
import { StacksError } from '../../errors.ts';
import type { Events, TestRef } from '../../events.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { stackTitle } from '../../names.ts';
import type { RunContext } from '../run-context.ts';
import type { Seen, Watched } from './development-watch.ts';

export class DevelopmentProof {
  readonly #info: StackInfo;
  readonly #context: Pick<RunContext, 'development' | 'config'>;
  readonly #events: Events;
  readonly #watched: Watched;
  /** Since it was asked last, by server and port. */
  readonly #seen = new Map<string, Seen>();

  constructor(
    info: StackInfo,
    context: Pick<RunContext, 'development' | 'config'>,
    events: Events,
    servers: Watched['servers'],
  ) {
    this.#info = info;
    this.#context = context;
    this.#events = events;
    // What all slots share is meant.
    const own = Object.values(info.servers).map((url) => Number(new URL(url).port));
    const note: Watched['note'] = ({ name }, port) => {
      if (own.includes(port)) return;
      this.#seen.set(`${name} ${port}`, { server: name, port });
      this.#earlier.set(`${name} ${port}`, { server: name, port });
    };
    this.#watched = { servers, note };
    context.development.add(this.#watched);
  }

  /** Nothing is to be asked when a test ends. */
  get isDone(): boolean {
    return !this.#context.development.isThere && this.#earlier.size === 0;
  }

  /** Of all stacks of the variant: whoever was connected once is each time, whether that is seen or not. */
  get #earlier(): Map<string, Seen> {
    const { seen } = this.#context.development;
    const { variant } = this.#info;
    const known = seen.get(variant) ?? new Map<string, Seen>();
    seen.set(variant, known);
    return known;
  }

  /**
   * A test has ended.
   * @param test undefined: it is looked without one
   * @returns what the test fails for
   */
  look(test: TestRef | undefined): StacksError | undefined {
    this.#context.development.look([this.#watched]);
    const seen = [...this.#seen.values()];
    this.#seen.clear();
    const { developmentOrigin, developmentServers } = this.#context.config;
    const failed = developmentOrigin !== 'warn';
    const { slot, variant } = this.#info;
    for (const server of new Set(seen.map((each) => each.server))) {
      const to = seen.filter((each) => each.server === server).map(({ port }) => originOf(port));
      this.#events.emit({ type: 'development-connected', slot, variant, server, to, test, failed });
    }
    if (!failed || this.#earlier.size === 0) return undefined;
    return errorOf(seen, [...this.#earlier.values()], this.#info, developmentServers);
  }
}

function originOf(port: number): string {
  return `http://localhost:${port}`;
}

function errorOf(
  now: readonly Seen[],
  earlier: readonly Seen[],
  { slot, variant, servers }: StackInfo,
  development: ReadonlyMap<string, string>,
): StacksError {
  const seen = now.length > 0 ? now : earlier;
  const [first = { server: '', port: 0 }] = seen;
  const name = development.get(String(first.port)) ?? '';
  const there = [...new Set(seen.map(({ port }) => originOf(port)))].join(', ');
  const who = [...new Set(seen.map(({ server }) => `server "${server}"`))].join(', ');
  const own = servers[name] === undefined ? '' : `; this slot’s is ${servers[name]}`;
  const when = now.length > 0 ? '' : ' during an earlier test';
  const of = now.length > 0 ? ` of ${stackTitle(slot, variant)}` : '';
  const what = `${who}${of} was connected to ${there}, the development server${when}${own}.`;
  const allow = "Where it is meant: developmentOrigin: 'allow', or 'warn', in the options of withStacks().";
  return new StacksError('DEVELOPMENT_ORIGIN', what, { hint: `${hintOf(first, name)} ${allow}` });
}

function hintOf({ server, port }: Seen, name: string): string {
  // What the slots have no server for is started for each, or shared by all.
  if (!name)
    return `have \`server\` start it for each slot; where all are to share it: { url: '${originOf(port)}' } in \`server\`.`;
  const variable = `${name.replace(/\W/g, '_').toUpperCase()}_URL`;
  return `where "${server}" names that address (a proxy in its config), write process.env.${variable} ?? '${originOf(port)}', and in its options env: { ${variable}: '{url:${name}}' }.`;
}

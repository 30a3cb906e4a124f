// What app servers keep in memory: how it is brought back to where the database is.
import { idleOf } from '../config/idle.ts';
import type { IdleOptions, ServerOptions } from '../config/options.ts';
import { serverName } from '../config/server-mistakes.ts';
import { messageOf, StacksError } from '../errors.ts';
import type { StackInfo } from '../lease/run-file.ts';
import type { Quiet } from '../rewind/quiet.ts';
import { orAbort, poll } from '../wait.ts';

/** Milliseconds that a `reset` may take, and that an application gets to become idle. */
const SERVER_STATE_TIMEOUT_MS = 10_000;

/** Bytes of an answer that are read. */
const LONGEST_ANSWER = 65_536;

/** A request, or a function of the user's. */
type Asked =
  | { readonly path: string; readonly method: string; readonly headers?: Readonly<Record<string, string>> }
  | Extract<IdleOptions['when'], (...args: never) => unknown>;

export class ServerState {
  readonly #servers: readonly { readonly name: string; readonly url: string; readonly options: ServerOptions }[];
  /** As it is now: with `spares` its key is not always the same. */
  stack: StackInfo;

  constructor(servers: readonly ServerOptions[], stack: StackInfo) {
    this.stack = stack;
    this.#servers = servers.flatMap((options, index) => {
      const name = serverName(options, index);
      const url = stack.servers[name];
      return url === undefined || options.command === undefined ? [] : [{ name, url, options }];
    });
  }

  /** The servers that are to be started anew after a test, or when a group begins. */
  toRestart(after: 'test' | 'group'): readonly string[] {
    const wanted = after === 'test' ? ['test'] : ['test', 'file'];
    return this.#servers.filter(({ options }) => wanted.includes(options.restart ?? 'never')).map(({ name }) => name);
  }

  /** Whether copies of files are to be put back after a test, or when a group begins. */
  hasCopies(after: 'test' | 'group'): boolean {
    const wanted = after === 'test' ? ['test'] : ['test', 'file'];
    const all = this.#servers.flatMap(({ options }) => options.copy ?? []);
    return all.some((each) => typeof each !== 'string' && wanted.includes(each.reset ?? 'never'));
  }

  /** Has each server forget what it knows, the way its `reset` says. Throws SERVER_NOT_RESET. */
  async reset(): Promise<void> {
    await Promise.all(
      this.#servers.map(({ name, url, options: { reset } }) => {
        const by = typeof reset === 'string' ? { path: reset } : reset;
        return this.#ask(name, url, 'reset', typeof by === 'object' ? { method: 'POST', ...by } : by);
      }),
    );
  }

  /** Waits until each server says by its `idle` that nothing is under way. Throws SERVER_NOT_IDLE. */
  async idle(): Promise<void> {
    await Promise.all(
      this.#servers.map(({ name, url, options }) => {
        const { when } = idleOf(options.idle);
        return this.#ask(name, url, 'idle', typeof when === 'string' ? { path: when, method: 'GET' } : when);
      }),
    );
  }

  /** How long the application is to be quiet before a rewind, as far as its servers' options say so: the longest. */
  get quiet(): Quiet | undefined {
    const asked = this.#servers
      .map(({ options }) => idleOf(options.idle))
      .filter((idle): idle is IdleOptions & { quiet: number } => idle.quiet !== undefined);
    if (asked.length === 0) return undefined;
    return {
      quiet: Math.max(...asked.map(({ quiet }) => quiet)),
      most: Math.max(...asked.map(({ quiet, most = 2 * quiet }) => most)),
    };
  }

  async #ask(name: string, url: string, option: 'reset' | 'idle', by: Asked | undefined): Promise<void> {
    if (by === undefined) return;
    const signal = AbortSignal.timeout(SERVER_STATE_TIMEOUT_MS);
    try {
      if (typeof by === 'function') {
        const { slot, key, databaseUrl } = this.stack;
        await orAbort(signal, by({ url, slot, key, databaseUrl, signal }));
        return;
      }
      const { path, method, headers = {} } = by;
      const ask = async () => {
        const answered = await statusOf(new URL(path, url), { method, headers, signal });
        return option === 'idle' && answered === 503 ? undefined : answered;
      };
      const status = (await poll(ask, { timeout: SERVER_STATE_TIMEOUT_MS, interval: 20, signal })) ?? 503;
      if (status < 200 || status > 299) throw new Error(`HTTP ${status} for ${method} ${path}`);
    } catch (error) {
      throw failed(name, option, signal.aborted ? `no answer within ${SERVER_STATE_TIMEOUT_MS} ms` : messageOf(error));
    }
  }
}

async function statusOf(url: URL, request: RequestInit): Promise<number> {
  const response = await fetch(url, request);
  // Read, so that the connection is used again; what is longer, or endless, is let go of.
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > LONGEST_ANSWER) break;
  }
  return response.status;
}

function failed(name: string, option: 'reset' | 'idle', what: string): StacksError {
  if (option === 'reset') {
    return new StacksError('SERVER_NOT_RESET', `server "${name}" was not reset: ${what}.`, {
      hint: 'let `server.reset` be a path that answers POST with a status of 200 to 299, `{ path, method, headers }` where it wants another request, or a function that resolves.',
    });
  }
  return new StacksError('SERVER_NOT_IDLE', `server "${name}" did not become idle: ${what}.`, {
    hint: 'let `server.idle` be a path that answers 200 when nothing is under way and 503 before, or a function that resolves.',
  });
}

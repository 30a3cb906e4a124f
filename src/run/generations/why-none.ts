// Where servers cannot have spares: what two processes of one server would have in common, and what a gate cannot stand in for.

import type { ResolvedServer } from '../../config/resolved.ts';
import { byWayOf } from '../../postgres/client/connection-string.ts';
import type { StackPlan } from '../pool/plan.ts';

/** A named group. */
const NAMED = /\(\?<[A-Za-z_]/;
const PUBLIC = /\{url:([^}]+)\}/g;
const VERIFIES = /^(require|verify)/;

/** Undefined: they can. `names` are the servers that are started anew together. */
export function whyNoSpares({ variant, info }: StackPlan, names: readonly string[]): string | undefined {
  const servers = variant.servers.filter(({ name }) => names.includes(name));
  if (info.workspace) return 'they run in the slot’s worktree, which two processes would write to';
  if (servers.some(({ copy }) => copy.length > 0)) return 'they have `copy`, which two processes would write to';
  if (servers.some(({ inspect }) => inspect)) return 'STACKS_INSPECT=1 opens one inspector for each server';
  if (servers.some(({ readyBy, url, wait }) => readyBy === 'nothing' && !url && !wait)) {
    return 'nothing says when they are ready: give each a `url` or a `port`';
  }
  if (servers.length > 1 && servers.some(({ wait }) => wait)) {
    return 'what one prints (`wait`) may be for another, and they are started side by side';
  }
  if (servers.some(({ wait }) => wait && NAMED.test(`${wait.stdout} ${wait.stderr}`))) {
    return 'what `wait` captures of one is another with each of them';
  }
  if (servers.some((server) => asksAnother(server, names))) {
    return 'one names another by its public address, which leads to an older process while this one boots: write `{port:name}` instead of `{url:name}`';
  }
  if (VERIFIES.test(process.env.PGSSLMODE ?? '')) {
    return 'PGSSLMODE asks for a certificate, which is for the database’s own name';
  }
  if (info.databases.some(({ url }) => byWayOf(url, 1) === undefined)) {
    return 'the database is reached by a Unix socket, at several hosts, or with a certificate for its name';
  }
  return undefined;
}

/** For links of its own a server has `{url}`; by another's it may ask that. */
function asksAnother({ name, command, env }: ResolvedServer, names: readonly string[]): boolean {
  const named = [...JSON.stringify([command, env]).matchAll(PUBLIC)].map(([, other = '']) => other);
  return named.some((other) => other !== name && names.includes(other));
}

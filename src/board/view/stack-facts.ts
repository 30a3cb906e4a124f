// What is known of a stack's servers and databases at this moment, and how it is written.
import { stackTitle } from '../../names.ts';
import type { DatabaseFacts, LiveFacts, RunningQuery, ServerFacts } from '../live-facts.ts';
import { clock } from './times.ts';

export interface StackFacts {
  readonly servers: readonly ServerFacts[];
  readonly databases: readonly DatabaseFacts[];
}

/** By the stack's title. */
export function byStack(facts: LiveFacts | undefined): ReadonlyMap<string, StackFacts> {
  const all = new Map<string, { servers: ServerFacts[]; databases: DatabaseFacts[] }>();
  const of = ({ slot, variant }: { readonly slot: number; readonly variant: string }) => {
    const title = stackTitle(slot, variant);
    const known = all.get(title) ?? { servers: [], databases: [] };
    all.set(title, known);
    return known;
  };
  for (const server of facts?.servers ?? []) of(server).servers.push(server);
  for (const database of facts?.databases ?? []) of(database).databases.push(database);
  return all;
}

/** `8.1 MB, 3 connections` */
export function databaseText({ size, connections }: DatabaseFacts): string {
  return `${bytes(size)}, ${connections === 1 ? '1 connection' : `${connections} connections`}`;
}

/** Milliseconds from which on a query is worth a line, unless it waits for another. */
const LONG_MS = 1_000;

export function isWorthALine({ ms, blockers }: RunningQuery): boolean {
  return ms >= LONG_MS || blockers.length > 0;
}

/** `runs for 3.2 s`, `waits for pid 812 (shop, idle in transaction)` */
export function queryText({ ms, blockers }: RunningQuery): string {
  if (blockers.length === 0) return `runs for ${clock(ms)}`;
  const who = blockers.map(({ pid, application, state }) => {
    return `pid ${pid} (${[application, state].filter(Boolean).join(', ')})`;
  });
  return `has waited ${clock(ms)} for ${who.join(' and ')}`;
}

/** `640 kB`, `8.1 MB`, `84 MB`, `1.2 GB` */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

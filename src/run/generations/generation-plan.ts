// A stack's plan as the servers of one generation see it: Postgres by way of their gate, ports and a key of their own.
import { generationKey } from '../../names.ts';
import { byWayOf } from '../../postgres/client/connection-string.ts';
import { stackVariables } from '../database-variables.ts';
import type { StackPlan } from '../pool/plan.ts';

/** What a generation has for a prefix: its own, unless servers that go on have the slot's, which would not find what it makes. */
export function generationsKey({ info, variant }: StackPlan, names: readonly string[], number: number): string {
  const isWhole = variant.servers.every(({ name, command }) => command === undefined || names.includes(name));
  return isWhole ? generationKey(info.key, number) : info.key;
}

/** What browsers open (`info.url`, `info.servers`) stays. */
export function generationPlan(
  plan: StackPlan,
  number: number,
  gate: number,
  ports: Readonly<Record<string, number>>,
): StackPlan {
  const { info, variant } = plan;
  const throughGate = (url: string): string => byWayOf(url, gate) ?? url;
  const databases = info.databases.map((each) => ({ ...each, url: throughGate(each.url) }));
  return {
    ...plan,
    ports: { ...plan.ports, ...ports },
    info: {
      ...info,
      key: generationsKey(plan, Object.keys(ports), number),
      databaseUrl: throughGate(info.databaseUrl),
      databases,
      env: stackVariables(
        variant.databases,
        databases.map(({ url }) => url),
      ),
    },
  };
}

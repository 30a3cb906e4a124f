// A stack's plan as the servers of one generation see it: Postgres by way of their gate, ports and a key of their own.
import { generationKey } from '../../names.ts';
import { byWayOf } from '../../postgres/client/connection-string.ts';
import { stackVariables } from '../database-variables.ts';
import type { StackPlan } from '../pool/plan.ts';

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
      key: generationKey(info.key, number),
      databaseUrl: throughGate(info.databaseUrl),
      databases,
      env: stackVariables(
        variant.databases,
        databases.map(({ url }) => url),
      ),
    },
  };
}

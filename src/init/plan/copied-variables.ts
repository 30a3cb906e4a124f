// Which variables of a `webServer` its slots' server gets as well.
import { readPostgresValue } from '../../config/postgres-value.ts';
import { redact } from '../../text/redact.ts';
import type { WebServer, WebServerVariable } from '../edit/playwright-config.ts';
import type { PlannedServer } from './servers.ts';

/** Each slot has its own. */
const OWN = /^(PORT|DATABASE_URL|PG(HOST|PORT|USER|PASSWORD|DATABASE))$/;

/** A secret stays where it is: what is shown is what is written. */
function isSecret(name: string, { value, raw }: WebServerVariable): boolean {
  const text = `${name}: ${raw ?? `'${value}'`}`;
  return redact(text) !== text;
}

export function copiedVariables(entry: WebServer | undefined): (readonly [string, WebServerVariable])[] {
  return variablesOf(entry).filter(([name, variable]) => !isSecret(name, variable));
}

function variablesOf(entry: WebServer | undefined): (readonly [string, WebServerVariable])[] {
  return Object.entries(entry?.env ?? {}).filter(([name, { value }]) => !OWN.test(name) && !readPostgresValue(value));
}

/** What the servers that are written do not have. */
export function secretsTodo(servers: readonly PlannedServer[], file: string): string[] {
  const names = servers.flatMap(({ entry }) =>
    variablesOf(entry).flatMap(([name, variable]) => (isSecret(name, variable) ? [name] : [])),
  );
  return names.map(
    (name) => `${file}: env.${name} of webServer looks like a secret, and is not copied: give it to server.env`,
  );
}

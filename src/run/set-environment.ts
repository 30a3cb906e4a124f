// Variables of this process that a run sets: workers inherit them, and the user's own globalSetup sees slot 0.
import type { Lifetime } from '../lifetime.ts';

/** At the end of `lifetime` what was there before comes back, unless somebody has changed it. */
export function setEnvironment(variables: Readonly<Record<string, string | undefined>>, lifetime: Lifetime): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    lifetime.defer(`restore ${name}`, () => process.env[name] === value && assign(name, before));
    assign(name, value);
  }
}

function assign(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

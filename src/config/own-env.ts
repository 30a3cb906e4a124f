// What the `env` of a server sets beyond what the server inherits anyway. `{ ...process.env, LOG: 'debug' }` sets LOG.

/** As Playwright takes it: undefined removes a variable, everything else becomes text. */
export type EnvOption = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Undefined: the variable is removed. */
export type OwnEnv = Readonly<Record<string, string | undefined>>;

/** @param inherited what entries are compared with: one that is equal says nothing */
export function ownEnv(env: EnvOption, inherited: Readonly<Record<string, string | undefined>>): OwnEnv {
  const entries = Object.entries(env).map(([name, value]) => [name, value === undefined ? undefined : String(value)]);
  return Object.fromEntries(entries.filter(([name = '', value]) => inherited[name] !== value));
}

/** Whether Playwright takes it for the value of a variable. */
export function isEnvValue(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value);
}

// `database.env`: the variables by which an application knows its database, as templates that are filled for each slot.

/** A connection string and its parts, as they are written in a template between braces. */
export interface ConnectionParts {
  readonly url: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Templates by variable: `{ DB_HOST: '{host}' }`. */
export type VariableTemplates = Readonly<Record<string, string>>;
/** A name, a list of names, or templates by name. */
export type DatabaseVariables = string | readonly string[] | VariableTemplates;

export const PLACEHOLDERS: readonly string[] = ['url', 'database', 'host', 'port', 'user', 'password'];

/** The option in its longest form. */
export function variableTemplates(env: DatabaseVariables): VariableTemplates {
  if (typeof env === 'string') return { [env]: '{url}' };
  if (isList(env)) return Object.fromEntries(env.map((name) => [name, '{url}']));
  return env;
}

/** Fills templates. In one that is a URL itself the parts are percent-encoded. */
export function fillTemplates(templates: VariableTemplates, parts: ConnectionParts): Record<string, string> {
  return Object.fromEntries(Object.entries(templates).map(([name, text]) => [name, fillTemplate(text, parts)]));
}

function fillTemplate(template: string, parts: ConnectionParts): string {
  const isUrl = template.includes('://');
  const encode = (name: string, part: string | number) => {
    const value = String(part);
    if (!isUrl || name === 'url') return value;
    return name === 'host' && value.includes(':') ? `[${value}]` : encodeURIComponent(value);
  };
  // `{url}?schema=app`: the connection string may have parameters already.
  const joined = parts.url.includes('?') ? template.replace('{url}?', '{url}&') : template;
  return joined.replace(/\{(\w+)\}/g, (all, name) => {
    return PLACEHOLDERS.includes(name) ? encode(name, parts[name as keyof ConnectionParts]) : all;
  });
}

/** The placeholders of `template` that are none. */
export function unknownPlaceholders(template: string): string[] {
  const found = [...template.matchAll(/\{(\w+)\}/g)].map(([all, name = '']) => ({ all, name }));
  return found.filter(({ name }) => !PLACEHOLDERS.includes(name)).map(({ all }) => all);
}

function isList(env: DatabaseVariables): env is readonly string[] {
  return Array.isArray(env);
}

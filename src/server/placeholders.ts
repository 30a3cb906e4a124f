// `{port}`, `{port:name}`, `{url}`, `{url:name}` and `{copy:path}` in the strings of a server's options.
import { StacksError } from '../errors.ts';

export interface PlaceholderValues {
  /** The name of the server whose option it is. */
  readonly name: string;
  /** The port that each server of the slot listens on, by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** The origin by which browsers reach each, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Where the server's copies are, by the path of what was copied. */
  readonly copies?: Readonly<Record<string, string>>;
}

/**
 * Replaces the placeholders in `text`. Other braces are left alone: a command may well contain JSON, and `${url}` is the
 * shell's.
 * @param option the option's path, for the message: `server.command`
 */
export function fillPlaceholders(
  text: string,
  option: string,
  { name: own, ports, urls, copies = {} }: PlaceholderValues,
): string {
  const withCopies = text.replace(/\{copy:([^{}]*)\}/g, (all, path: string) => copies[path] ?? all);
  const fill = (kind: 'port' | 'url', values: Readonly<Record<string, string | number>>) => {
    return (placeholder: string, name = own): string => {
      if (Object.hasOwn(values, name)) return String(values[name]);
      throw new StacksError('OPTIONS_INVALID', `${option} names a server that does not exist: ${placeholder}.`, {
        facts: { 'known names': Object.keys(values).join(', ') },
        hint: `write {${kind}} for the ${kind === 'port' ? 'port' : 'origin'} of the server itself, {${kind}:name} for that of another one in \`server\`.`,
      });
    };
  };
  return withCopies
    .replace(/\{port(?::([^{}]*))?\}/g, fill('port', ports))
    .replace(/(?<![$%])\{url(?::([^{}]*))?\}/g, fill('url', urls));
}

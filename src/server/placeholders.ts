// `{port}`, `{port:name}` and `{copy:path}` in the strings of a server's options.
import { StacksError } from '../errors.ts';

export interface PlaceholderValues {
  /** The port of the server whose option it is. */
  readonly port: number;
  /** The port of each server of the slot, by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Where the server's copies are, by the path of what was copied. */
  readonly copies?: Readonly<Record<string, string>>;
}

/**
 * Replaces the placeholders in `text`. Other braces are left alone: a command may well contain JSON.
 * @param option the option's path, for the message: `server.command`
 */
export function fillPlaceholders(
  text: string,
  option: string,
  { port, ports, copies = {} }: PlaceholderValues,
): string {
  const withCopies = text.replace(/\{copy:([^{}]*)\}/g, (all, path: string) => copies[path] ?? all);
  return withCopies.replace(/\{port(?::([^{}]*))?\}/g, (placeholder, name: string | undefined) => {
    if (name === undefined) return String(port);
    if (Object.hasOwn(ports, name)) return String(ports[name]);
    throw new StacksError('OPTIONS_INVALID', `${option} names a server that does not exist: ${placeholder}.`, {
      facts: { 'known names': Object.keys(ports).join(', ') },
      hint: 'write {port} for the port of the server itself, {port:name} for that of another one in `server`.',
    });
  });
}

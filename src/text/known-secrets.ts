// The secrets of this run that we know by their value: passwords of connection strings, and what variables named like
// secrets hold. They are found as they are, and as programs usually encode them.
import { inspect } from 'node:util';
import { isSecretName } from './secret-names.ts';

/** Prefixes that everybody may know. */
const OURS = /^(?:STACK_|PLAYWRIGHT_STACKS_)/;

const KEY = Symbol.for('playwright-stacks secrets');

/** By spelling; on `globalThis`, for Playwright may load this module twice in a process. */
function spellings(): Set<string> {
  const holder = globalThis as unknown as { [KEY]?: Set<string> };
  holder[KEY] ??= new Set();
  return holder[KEY];
}

/** The password of a connection string is a secret from now on. */
export function rememberUrl(url: string | undefined): void {
  const [, user = '', password = ''] = /^[a-z][a-z0-9+.:-]*:\/\/([^\s:/@]*):([^\s/?#]*)@/i.exec(url ?? '') ?? [];
  const parameter = /[?&]password=([^&#]*)/.exec(url ?? '')?.[1] ?? '';
  for (const secret of [password, parameter].filter(Boolean)) {
    remember(secret);
    remember(decoded(secret), decoded(user));
  }
}

/** So are the values of variables that are named like secrets, and passwords of the connection strings among the others. */
export function rememberEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value = ''] of Object.entries(variables)) {
    rememberUrl(value);
    if (isPlainUrl(value) || OURS.test(name)) continue;
    if (isSecretName(name)) remember(value, name === 'PGPASSWORD' ? variables.PGUSER : undefined);
    else if (/_KEY$/.test(name) && /^(?=.*\d).{16}/.test(value)) remember(value);
  }
}

/** @param user whose password it is: the two of them in base64 are HTTP's basic authentication */
export function remember(secret: string, user?: string): void {
  const all = spellings();
  if (user) for (const text of base64(`${user}:${secret}`)) all.add(text);
  if (!isTellable(secret)) return;
  // A key of several lines may be printed line by line.
  for (const part of new Set([secret, ...secret.split(/\r?\n/).filter((line) => line.length >= 16)])) {
    for (const spelling of spelled(part)) all.add(spelling);
  }
}

/** The text with each of them replaced by `hidden`, the longest first. */
export function hideKnown(text: string, hidden: string): string {
  const found = [...spellings()].filter((spelling) => text.includes(spelling)).sort((a, b) => b.length - a.length);
  return found.reduce((all, spelling) => all.replaceAll(spelling, hidden), text);
}

function isPlainUrl(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s@?]*$/i.test(value);
}

/** Too short, a word or a number: hiding it wherever it stands would hide the rest of the message, and "postgres" is no secret. */
function isTellable(secret: string): boolean {
  if (secret.length < 6) return false;
  return /^(?:[a-z]+|[A-Z]?[a-z]+|\d+)$/.test(secret) ? secret.length >= 16 : true;
}

function spelled(secret: string): Set<string> {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const percent = encodeURIComponent(secret);
  const strict = percent.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return new Set([
    secret,
    ...[json, ascii, JSON.stringify(json).slice(1, -1), json.replaceAll('/', '\\/')],
    inspect(secret).slice(1, -1),
    ...[percent, strict].flatMap((text) => [text, lower(text), text.replaceAll('%20', '+')]),
    new URLSearchParams({ '': secret }).toString().slice(1),
    encodeURIComponent(percent),
    ...[secret.replaceAll("'", "''"), secret.replace(/[\\']/g, '\\$&'), secret.replace(/[\\:]/g, '\\$&')], // SQL, libpq, .pgpass
    secret.replaceAll("'", `'\\''`), // a shell
    html(secret),
    ...base64(secret),
  ]);
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Without the signs at the end, which some leave out. */
function base64(text: string): string[] {
  const bytes = Buffer.from(text);
  return [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that begins no code
  }
}

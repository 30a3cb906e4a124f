// Options as source: what a person would have written by hand.
import type { Style } from './style.ts';

/** Source that is copied as it is. */
export interface Raw {
  readonly raw: string;
}

export type OptionValue = string | number | Raw | readonly OptionValue[] | OptionTree;

export interface OptionTree {
  readonly [key: string]: OptionValue;
}

const LINE_WIDTH = 100;

/** @param level how deep the line is on which it begins */
export function optionsText(value: OptionValue, style: Style, level = 0): string {
  const { indent, eol, quote } = style;
  if (typeof value === 'string') return quoted(value, quote);
  if (typeof value === 'number') return String(value);
  if (isRaw(value)) return value.raw;
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((each: OptionValue) => optionsText(each, style, level + 1))
    : Object.entries(value).map(([key, each]) => `${keyText(key, quote)}: ${optionsText(each, style, level + 1)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (members.length === 0) return open + close;
  const space = isList ? '' : ' ';
  const line = `${open}${space}${members.join(', ')}${space}${close}`;
  const isShort = !line.includes('\n') && line.length + level * 2 <= LINE_WIDTH - 10;
  if (isShort && (isList || level > 0)) return line;
  const inner = indent.repeat(level + 1);
  return `${open}${eol}${members.map((member) => `${inner}${member},${eol}`).join('')}${indent.repeat(level)}${close}`;
}

function isRaw(value: OptionValue): value is Raw {
  return typeof value === 'object' && !Array.isArray(value) && typeof Reflect.get(value, 'raw') === 'string';
}

function keyText(key: string, quote: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key, quote);
}

function quoted(text: string, quote: string): string {
  const other = quote === "'" ? '"' : "'";
  const used = text.includes(quote) && !text.includes(other) ? other : quote;
  const escaped = text.replace(/[\\\n\r\u2028\u2029]/g, (found) => JSON.stringify(found).slice(1, -1));
  return used + escaped.replaceAll(used, `\\${used}`) + used;
}

// What was thrown by others, as the cause of an error of ours: Playwright prints its message and its stack, Node all of it.
import { inspect } from 'node:util';
import { redact } from './redact.ts';

/** A chain of causes is followed this far. */
const DEEPEST = 5;

/** The thing itself where there is no secret in it, else a copy of the same class, with its code and all other facts. */
export function redactError(thrown: unknown, depth = 0): unknown {
  if (typeof thrown === 'string') return redact(thrown);
  if (!(thrown instanceof Error)) return withoutSecrets(thrown);
  if (depth === DEEPEST) return undefined;
  const changed: PropertyDescriptorMap = {};
  for (const key of Object.getOwnPropertyNames(thrown)) {
    const before: unknown = Reflect.get(thrown, key);
    const after = redactField(before, depth);
    if (after !== before) changed[key] = { ...Object.getOwnPropertyDescriptor(thrown, key), value: after };
  }
  if (Object.keys(changed).length === 0) return thrown;
  const kept = Object.getOwnPropertyDescriptors(thrown);
  const copy: Error = Object.defineProperties(new Error(), { ...kept, ...changed });
  return Object.setPrototypeOf(copy, Object.getPrototypeOf(thrown));
}

function redactField(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (value instanceof Error) return redactError(value, depth + 1);
  if (!Array.isArray(value)) return withoutSecrets(value);
  const all = value.map((each) => redactField(each, depth + 1));
  return all.every((each, index) => each === value[index]) ? value : all;
}

/** An object as Node would print it, where that has a secret. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const text = inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY });
  const shown = redact(text);
  return shown === text ? value : shown;
}

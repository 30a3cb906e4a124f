// A server's command that does more than to serve: taken apart where it is plain words with `&&` between them, and left
// alone where a shell would have to be understood.
import { type ChainedSteps, chainedParts } from '../../config/chained-steps.ts';
import { withScripts } from '../../config/source-files.ts';

const NOT_PLAIN = /['"`()|;<>\\{}*?!#\n]|\$(?!\w)|(?<!&)&(?!&)|&&&/;
/** What changes what follows it. */
const OF_THE_SHELL =
  /(?:^|&&)\s*(?:cd|export|set|unset|source|\.|exec|eval|if|then|for|while|until|case|trap|alias|nohup)\s/;

export interface Chain {
  /** Undefined: it is not taken apart. */
  readonly parts: Omit<ChainedSteps, 'server'> | undefined;
  /** What it does before it serves, where it is left whole. */
  readonly left: ChainedSteps['steps'];
}

/** Undefined: it does nothing before it serves. */
export function chainOf(command: string, cwd: string): Chain | undefined {
  const found = chainedParts(command, cwd);
  if (!found) return undefined;
  const { steps } = found;
  const isOnce = new Set(steps.map(({ step }) => step)).size === steps.length;
  const ofSteps = withScripts(steps.map((step) => ({ text: step.command, cwd }))).map(({ text }) => text);
  const chains = withScripts([{ text: command, cwd }])
    .map(({ text }) => text)
    .filter((text) => text === command || (!ofSteps.includes(text) && /&&|[;|]/.test(text)));
  return isOnce && chains.every(isPlain) ? { parts: found, left: [] } : { parts: undefined, left: steps };
}

/** A shell would do with it what it says, word by word. */
export function isPlain(text: string): boolean {
  return !NOT_PLAIN.test(text) && !OF_THE_SHELL.test(text);
}

const PORT =
  /(?<=(?:^|\s)PORT=)\d{2,5}(?=\s|$)|(?<=\s--port[=\s])\d{2,5}(?=\s|$)|(?<=\s-p[=\s]?)\d{3,5}(?=\s|$)|(?<=\s(?:-b|--bind)[=\s]?[\w.]*:)\d{2,5}(?=\s|$)/g;
const CLIENT =
  /(?:^|&&)\s*(?:\w+=\S*\s+)*(?:npx\s+)?(?:psql|pg_\w+|createdb|dropdb|docker|podman|ssh|wait-\S+|mysql\w*)\b[^&]*/g;

/** `command` with `{port}` where it has a port, and has one in one way only; undefined: it is not so. */
export function withPortPlaceholder(command: string): string | undefined {
  const found = [...command.replace(CLIENT, (text) => ' '.repeat(text.length)).matchAll(PORT)];
  const [only] = found;
  if (only === undefined || found.length > 1 || NOT_PLAIN.test(command)) return undefined;
  return `${command.slice(0, only.index)}{port}${command.slice(only.index + only[0].length)}`;
}

export function hasNumber(text: string, port: number): boolean {
  return new RegExp(`(?<![\\w.])${port}(?![\\w.])`).test(text);
}

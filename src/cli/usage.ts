// What the command line says of itself: all commands, one of them, and what of a call it does not know.
import { nearest } from '../config/nearest.ts';
import { COMMANDS, type Command } from './commands.ts';

/** Characters of a line. */
const WIDTH = 100;

export type Call =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'run'; readonly command: Command; readonly args: readonly string[] };

/** @throws where it asks for what is not there */
export function callOf([name, ...args]: readonly string[]): Call {
  const isHelp = name === undefined || ['help', '--help', '-h'].includes(name);
  if (isHelp && args[0] === undefined) return { kind: 'help', text: usage() };
  const asked = isHelp ? (args[0] ?? '') : (name ?? '');
  const command = Object.hasOwn(COMMANDS, asked) ? COMMANDS[asked] : undefined;
  if (!command) throw new Error(`unknown command '${asked}'${guess(asked, Object.keys(COMMANDS))}\n\n${usage()}`);
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (isHelp || own.includes('--help') || own.includes('-h')) {
    return { kind: 'help', text: usageOf(asked, command) };
  }
  const unknown = unknownOption(own, command);
  if (unknown === undefined) return { kind: 'run', command, args };
  const known = command.options === 'any' ? [] : command.options.filter((option) => option.startsWith('--'));
  throw new Error(`unknown option '${unknown}' of ${asked}${guess(unknown, known)}\n\n${usageOf(asked, command)}`);
}

function usage(): string {
  const calls = Object.entries(COMMANDS).map(([name, { arguments: rest, summary }]) => ({
    call: `${name} ${rest}`,
    summary,
  }));
  const width = Math.max(...calls.map(({ call }) => call.length)) + 2;
  const entries = calls.map(({ call, summary }) =>
    summary.map((line, index) => `  ${(index === 0 ? call : '').padEnd(width)}${line}`).join('\n'),
  );
  return `Usage: npx playwright-stacks <command>\n\n${entries.join('\n')}\n`;
}

function usageOf(name: string, command: Command): string {
  const sentence = `${command.does[0]?.toUpperCase()}${command.does.slice(1)}.`;
  return `Usage: npx playwright-stacks ${name} ${command.arguments}\n\n${wrapped(sentence)}\n`;
}

function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

/** Values come after options: what does not begin with a dash is one, or an argument. */
function unknownOption(args: readonly string[], { options }: Command): string | undefined {
  if (options === 'any') return undefined;
  const given = args
    .filter((arg) => /^-./.test(arg))
    .map((arg) => (arg.startsWith('--') ? arg.replace(/=.*$/s, '') : arg));
  return given.find((arg) => !options.includes(arg) && !(/^-[^-]/.test(arg) && options.includes(arg.slice(0, 2))));
}

function guess(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates);
  return found === undefined ? '.' : `; did you mean '${found}'?`;
}

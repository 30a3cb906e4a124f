// What running processes were started from, and which of the variables given to them their source files name.
import { readFileSync, readlinkSync } from 'node:fs';
import { sourceFiles, withScripts } from '../../config/source-files.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import type { ProcessEntry } from '../../process/processes.ts';

/** Nothing where the system does not tell command lines (macOS). */
export function variablesNamed(processes: readonly ProcessEntry[], { env }: StackInfo): string[] {
  const commands = processes.flatMap(({ pid }) => {
    try {
      const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return [{ text, cwd: readlinkSync(`/proc/${pid}/cwd`) }];
    } catch {
      return []; // It has ended.
    }
  });
  const texts = sourceFiles(withScripts(commands)).map(({ text }) => text);
  const names = [...Object.keys(env), 'PORT', 'STACK_KEY'];
  return [...new Set(names)].filter((name) => texts.some((text) => new RegExp(`\\b${name}\\b`).test(text))).sort();
}

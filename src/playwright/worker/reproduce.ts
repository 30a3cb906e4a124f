// The commands that run a failed test again and open what it left, to be pasted into a shell.
import { dirname, relative } from 'node:path';
import type { TestInfo } from '@playwright/test';

type Test = Pick<TestInfo, 'file' | 'line'> & {
  readonly project: Pick<TestInfo['project'], 'name'>;
  readonly config: Pick<TestInfo['config'], 'configFile'>;
};

/** @param folder where the command is to be run */
export function reproduce({ file, line, project, config }: Test, folder: string): string {
  const { configFile } = config;
  const isElsewhere = configFile !== undefined && dirname(configFile) !== folder;
  const words = [
    ...['npx', 'playwright', 'test'],
    // What filters tests is a regular expression.
    `${inFolder(relative(folder, file)).replace(/[\\^$.*+?()[\]{}|]/g, escaped)}:${line}`,
    ...(isElsewhere ? ['-c', relative(folder, configFile)] : []),
    ...(project.name === '' ? [] : [`--project=${project.name}`]),
  ];
  return words.map(quoted).join(' ');
}

/** A sentence with commands in backticks: those, each under what is said of it as a comment. */
export function commandsIn(sentence: string): string[] {
  return [...sentence.matchAll(/([^`]*)`([^`]*)`/g)].flatMap(([, prose = '', command = '']) => {
    return [`# ${prose.replace(/^[;,\s]+/, '').trim()}`, command];
  });
}

/** Not an option. */
function inFolder(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

/** A dot stands for itself, too: names stay as people write them. */
function escaped(character: string): string {
  return character === '.' ? '.' : `\\${character}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

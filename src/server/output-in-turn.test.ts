// What is in which log of a server that was started before its turn.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { scratchFolder } from '../../fixtures/programs/programs.ts';
import { outputInTurn } from './output-in-turn.ts';

test('what is printed before its turn is in the log once it begins; what is printed after it, in another', () => {
  const { folder, remove } = scratchFolder();
  const logFile = join(folder, 'slot-0-web.log');
  const targets = { logFile, label: 'web 0', stdout: 'ignore', stderr: 'ignore' } as const;
  const without = (file: string) => readFileSync(file, 'utf8').replace(/ at \S+/g, ' at …');
  const [one, two, never] = [1, 2, 3].map((n) => outputInTurn(targets, `generation ${n}`));
  one?.push('stdout', 'one boots\n');
  expect(existsSync(logFile)).toBe(false);
  one?.begin();
  two?.push('stderr', 'two boots\n');
  never?.push('stderr', 'three boots\n');
  one?.push('stdout', 'one serves\n');
  one?.end();
  one?.push('stderr', 'one: connection terminated\n');
  two?.begin();
  two?.push('stdout', 'two serves\n');
  expect(two?.tail()).toEqual(['two boots', 'two serves']);
  for (const output of [one, two, never]) output?.close();
  one?.push('stderr', 'nobody hears it\n');
  expect(without(logFile)).toBe(
    'one boots\none serves\n---- generation 2, which began at … ----\ntwo boots\ntwo serves\n',
  );
  expect(without(join(folder, 'slot-0-web-ended.log'))).toBe(
    '---- generation 1, after its end at … ----\none: connection terminated\n',
  );
  remove();
});

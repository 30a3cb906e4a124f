// Which reporter of Playwright's writes to the terminal beside ours: some move the cursor.
import type { FullConfig } from '@playwright/test/reporter';
import type { Neighbour } from '../../reporter/screen.ts';

type Reporters = FullConfig['reporter'];

/** While tests run, and when ours prints its last lines: those that stand before ours in the config have ended then. */
export function neighboursOf(
  reporters: Reporters,
  env: NodeJS.ProcessEnv = process.env,
): { readonly during: Neighbour; readonly atEnd: Neighbour } {
  const names = reporters.map(([name]) => name);
  if (env.PW_TEST_REPORTER) names.push(env.PW_TEST_REPORTER);
  if (names.includes('list')) return { during: 'list', atEnd: 'other' };
  // Playwright adds it where nobody prints, and begins and ends it first.
  if (reporters.every((each) => isSilent(each, env))) return { during: env.CI ? 'other' : 'line', atEnd: 'other' };
  if (!names.includes('line')) return { during: 'other', atEnd: 'other' };
  const own = names.findIndex(isOurs);
  return { during: 'line', atEnd: own < names.indexOf('line') && own >= 0 ? 'line' : 'other' };
}

function isSilent([name, options]: Reporters[number], env: NodeJS.ProcessEnv): boolean {
  if (name === 'json' || name === 'junit') {
    const variable = `PLAYWRIGHT_${name.toUpperCase()}_OUTPUT`;
    return Boolean(options?.outputFile || env[`${variable}_NAME`] || env[`${variable}_FILE`]);
  }
  return ['html', 'blob', 'github', 'null'].includes(name) || isOurs(name);
}

/** Playwright names it by its file. */
function isOurs(name: string): boolean {
  return /[\\/]playwright[\\/]runner[\\/]reporter\.[jt]s$/.test(name);
}

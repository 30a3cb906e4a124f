// How a shell command ended, in words.
import type { Exit } from './process-group.ts';

/** "exited with code 3", "was ended by SIGKILL". */
export function ended({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `exited with code ${code}`;
}

/** What to do where the shell itself says what is wrong with the command; `option` is the user's. */
export function shellHint({ code }: Exit, option: string): string | undefined {
  if (code === 126) return `code 126 means that a file in \`${option}\` may not be executed: \`chmod +x\` it.`;
  if (code !== 127) return undefined;
  return `code 127 means that a command in \`${option}\` was not found: is it installed, and on the PATH?`;
}

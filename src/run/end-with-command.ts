// A run that a command has started (`audit`, `doctor --app`) ends when that has, however it ended.
import { useCommandFolder } from '../cleanup/command-folder.ts';

/** Ends as by Ctrl-C: Playwright then tears the run down. @param folder the command's */
export function endWithCommand(folder: string): void {
  useCommandFolder(folder, () => process.kill(process.pid, 'SIGINT'));
}

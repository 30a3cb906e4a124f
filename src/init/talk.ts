// The conversation: in a terminal with @clack/prompts, which is loaded for it alone; with --yes nobody is asked.
import { safe, writeOut } from '../text/terminal.ts';

export interface Talk {
  readonly say: (text: string) => void;
  /** Undefined: it was ended with Ctrl-C or Escape. */
  readonly confirm: (question: string) => Promise<boolean | undefined>;
  /** The index of one of `choices`; undefined: it was ended, or nobody can be asked. */
  readonly choose: (question: string, choices: readonly string[]) => Promise<number | undefined>;
  readonly isAttended: boolean;
}

/** Says yes to everything, and chooses nothing. */
export const unattended: Talk = {
  say: (text) => writeOut(`${text}\n`),
  confirm: async () => true,
  choose: async () => undefined,
  isAttended: false,
};

export async function attended(): Promise<Talk> {
  const { confirm, isCancel, log, select } = await import('@clack/prompts');
  return {
    say: (text) => log.message(safe(text)),
    confirm: async (question) => {
      const answer = await confirm({ message: safe(question) });
      return isCancel(answer) ? undefined : answer;
    },
    choose: async (question, choices) => {
      const options = choices.map((choice, value) => ({ value, label: safe(choice) }));
      const answer = await select({ message: safe(question), options });
      return isCancel(answer) ? undefined : answer;
    },
    isAttended: true,
  };
}

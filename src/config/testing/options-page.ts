// docs/options.md, made from the comments of the options' types and from the table of options.
import type { ZodObject, ZodType } from 'zod';
import { optionsTable } from '../schema.ts';
import { type OptionComment, optionComments } from './option-comments.ts';

export interface Section {
  readonly title: string;
  readonly intro: string;
  /** `server.` for the options of a server. */
  readonly prefix: string;
  readonly options: readonly OptionComment[];
  /** Undefined where it is not checked with the options: a project's `use`. */
  readonly table: ZodType | undefined;
}

/** In the order of the page. */
export function sections(): Section[] {
  const table = optionsTable();
  const of = (name: string, type: string) => optionComments(new URL(`../${name}.ts`, import.meta.url), type);
  return [
    {
      title: 'The stack and the run',
      intro: 'Keys of the second argument of `withStacks(config, options)`.',
      prefix: '',
      options: [...of('options', 'StackOptions'), ...of('options', 'StacksOptions')],
      table: table.options,
    },
    {
      title: '`database`',
      intro:
        'Keys of `database`, and of each of `databases`, where [`env`](#databaseenv) has another default (`AUDIT_DATABASE_URL` for `audit`) and `url`, `binaries` and `extensionPath` are for `main` only.',
      prefix: 'database.',
      options: of('database-options', 'DatabaseOptions'),
      table: table.database,
    },
    {
      title: '`server`',
      intro:
        "Keys of `server`, or of each server in the array. They are those of Playwright's `webServer`, and some more.",
      prefix: 'server.',
      options: of('server-options', 'ServerOptions'),
      table: table.server,
    },
    {
      title: '`workspace`',
      intro: 'Keys of `workspace`. What they do together: [workspaces](workspace.md).',
      prefix: 'workspace.',
      options: of('workspace-options', 'WorkspaceOptions'),
      table: table.workspace,
    },
    {
      title: "A project's `use`",
      intro: 'For projects of the Playwright config; `defineConfig<StackUse>()` has the types.',
      prefix: 'use.',
      options: of('options', 'StackUse'),
      table: undefined,
    },
  ];
}

export function optionsPage(): string {
  const all = sections();
  return `${[
    '# Options',
    '<!-- Made from the comments in src/config/*options.ts and the table in src/config/schema.ts by `npx playwright test options-page --update-snapshots=all`. -->',
    '`withStacks(config, options)`: every option may be left out. All mistakes are reported in one error, [`OPTIONS_INVALID`](errors.md#options_invalid), before anything is created. Environment variables: [environment](environment.md).',
    ...all.flatMap(section),
  ].join('\n\n')}\n`;
}

function section({ title, intro, prefix, options, table }: Section): string[] {
  return [
    `## ${title}`,
    intro,
    overview(prefix, options),
    ...options.flatMap((option) => entry(prefix, option, table)),
  ];
}

/** A line for each option: its default and the first sentence of its meaning. */
function overview(prefix: string, options: readonly OptionComment[]): string {
  const lines = options.map(({ name, text, default: value }) => {
    const anchor = `${prefix}${name}`.toLowerCase().replace('.', '');
    const sentence = text.replace(/\s*\n\s*/g, ' ').match(/^.*?[^.]\.(?= |$)|.*/)?.[0] ?? '';
    return `| [\`${prefix}${name}\`](#${anchor}) | ${shownDefault(value)} | ${sentence} |`;
  });
  return ['| option | default | meaning |', '| --- | --- | --- |', ...lines].join('\n');
}

function shownDefault(value: string): string {
  return isLiteral(value) ? `\`${value}\`` : value;
}

function entry(prefix: string, { name, text, ...rest }: OptionComment, table: ZodType | undefined): string[] {
  const kind = table && `Must be ${kindOf(lineOf(table, name))}. `;
  return [
    `### \`${prefix}${name}\``,
    text.replace(/(?<!\n)\n(?!- |\n)\s*/g, ' ').replace(/(?<!\n)\n(?=- )/, '\n\n'),
    `${kind ?? ''}Default: ${shownDefault(rest.default)}.`,
    ['```ts', ...rest.examples.map((example) => `${example},`), '```'].join('\n'),
  ];
}

/** What an option must be, by what its message says to something that it cannot be. */
function kindOf(line: ZodType): string {
  const message = line.safeParse(Symbol('no option')).error?.issues[0]?.message ?? '';
  return message
    .replace(/^must be /, '')
    .replace(/, got .*$/, '')
    .replace(/'[^']*'/g, '`$&`');
}

export function lineOf(table: ZodType, name: string): ZodType {
  const line = (table as ZodObject).shape[name];
  if (line === undefined) throw new Error(`the table has no line for ${name}`);
  return line as ZodType;
}

export function isLiteral(text: string): boolean {
  return /^('[^']*'|[\d_]+|true|false|\[.*\]|\{.*\})$/.test(text);
}

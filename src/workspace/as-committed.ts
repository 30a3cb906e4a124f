// Which files git checks out as they are committed, byte by byte: neither line ends nor filters nor another encoding.
import { basename } from 'node:path';
import { fields, git, tryGit } from './git.ts';

/** `except`: relative paths. */
export type AsCommitted = { readonly all: false } | { readonly all: true; readonly except: readonly string[] };

/** What turns the content into another when it is checked out. */
const CHANGING: Readonly<Record<string, (value: string) => boolean>> = {
  eol: (value) => value === 'crlf',
  crlf: () => true,
  filter: (value) => value !== 'unset',
  ident: (value) => value !== 'unset',
  'working-tree-encoding': (value) => value !== 'unset',
};

/**
 * Of the files in the index that `env` names.
 * @param others files beside those, attributes of which nobody committed may decide
 */
export async function asCommitted(
  checkout: string,
  env: Readonly<Record<string, string>>,
  others: Iterable<string>,
): Promise<AsCommitted> {
  for (const other of others) if (basename(other) === '.gitattributes') return { all: false };
  const options = { cwd: checkout, env };
  const { stdout: settings } = await tryGit(['config', '--get-regexp', '^core\\.(autocrlf|eol|symlinks)$'], options);
  if (/^core\.(autocrlf (?!false$)|eol (?!lf$|native$)|symlinks false$)/im.test(settings)) return { all: false };
  const input = await git(['ls-files', '-z'], options);
  const said = fields(await git(['check-attr', '-z', '--stdin', '--cached', '--all'], { ...options, input }));
  const except = new Set<string>();
  for (let at = 0; at + 2 < said.length; at += 3) {
    const [path = '', name = '', value = ''] = said.slice(at, at + 3);
    if (CHANGING[name]?.(value)) except.add(path);
  }
  return { all: true, except: [...except] };
}

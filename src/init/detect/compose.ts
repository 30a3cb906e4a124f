// docker-compose: the image of the developer's Postgres, its major version and its extensions.
import { at, firstOf, type Project } from '../project.ts';
import { textOf } from './migration-tool.ts';

export interface ComposePostgres {
  readonly at: string;
  readonly image: string;
  /** Undefined: the tag does not say. */
  readonly major: number | undefined;
  readonly extensions: readonly string[];
}

const FILES = ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml', 'docker-compose.dev.yml'];
/** By a part of the image's name, what applications take such an image for. */
const EXTENSIONS: readonly (readonly [image: RegExp, extensions: readonly string[]])[] = [
  [/pgvector/, ['vector']],
  [/postgis/, ['postgis']],
  [/timescale/, ['timescaledb']],
  [/paradedb/, ['pg_search']],
];
const IMAGE =
  /^\s*(?:-\s*)?image:\s*['"]?([\w./-]*(?:postgres|postgis|pgvector|timescale|paradedb)[\w./-]*)(?::([\w.-]+))?/gm;
/** What goes to a Postgres, and is none. */
const BESIDE = /exporter|postgrest|backup|bouncer|admin|operator|proxy|pgpool|meta/;

export function composePostgres(project: Project): ComposePostgres | undefined {
  const file = firstOf(project, FILES);
  const text = textOf(project, file);
  const found = [...text.matchAll(IMAGE)].find(([, image = '']) => !BESIDE.test(image));
  if (!file || !found) return undefined;
  const [, image = '', tag] = found;
  const major = /(?:^|pg|postgres)(\d{1,2})(?!\d)/.exec(tag ?? '')?.[1];
  return {
    at: at(file, text, found.index + found[0].search(/image:/)),
    image: tag === undefined ? image : `${image}:${tag}`,
    major: major === undefined || Number(major) < 9 ? undefined : Number(major),
    extensions: EXTENSIONS.flatMap(([pattern, names]) => (pattern.test(image) ? names : [])),
  };
}

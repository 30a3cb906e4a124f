// One file, in lockstep on three databases: with capture, and two twins without. Where the twins differ from each other too, chance
// decides (an oid, a time), and nothing is said of capture.
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { openControl } from '../../../src/rewind/control.ts';
import type { Told } from '../session.ts';
import { differences, readState } from '../state.ts';
import { Pieces, type PieceTally } from './pieces.ts';
import { type Item, readScript, stripComments } from './script.ts';
import { type Server, Side } from './side.ts';

export interface FileTally extends PieceTally {
  statements: number;
  /** Statements whose answer tells of the catalog or of a plan, which show capture; and commands of psql, by name. */
  readonly skipped: Map<string, number>;
  /** The file's views of what shows capture. */
  readonly views: Set<string>;
  readonly wrong: string[];
  /** Statements whose answers differ from both twins'. */
  readonly answers: string[];
  /** Of these, such as do not if nothing is rewound in between: rows in another order. */
  reordered: string[];
}

export function emptyTally(): FileTally {
  return {
    statements: 0,
    marks: 0,
    rewound: 0,
    refused: new Map(),
    skipped: new Map(),
    views: new Set(),
    wrong: [],
    answers: [],
    reordered: [],
  };
}

export interface FileOptions {
  readonly file: string;
  readonly folder: string;
  /** Statements between two marks; 0: never rewound. */
  readonly piece: number;
}

/** With capture first. */
export type Servers = readonly [Server, Server, Server];

export async function runFile(servers: Servers, options: FileOptions): Promise<FileTally> {
  const tally = emptyTally();
  const templates = ['regress_captured', 'regress_base', 'regress_base'];
  const sides = await Promise.all(
    servers.map((server, nth) => Side.open(server, 'regression', templates[nth] ?? '', options.folder)),
  );
  const [captured, twin, other] = sides;
  if (!captured || !twin || !other) throw new Error('three servers are needed');
  const client = await captured.server.cluster.connect('regression');
  try {
    const pieces = new Pieces(await openControl(client), captured.observer, tally);
    await play(readScript(await readFile(options.file, 'utf8')), sides, pieces, options, tally);
    const states = sides.map(({ observer }) => readState(observer, 'digest').catch(() => undefined));
    const [left, expected, chance] = await Promise.all(states);
    if (!tally.skipped.has(LOST) && left && expected && chance) {
      const byChance = new Set(differences(expected, chance).map(nameOf));
      const lines = differences(expected, left).filter((line) => !byChance.has(nameOf(line)));
      if (lines.length > 0) tally.wrong.push(`what the file leaves:\n${lines.join('\n')}`);
    }
  } finally {
    await client.end();
    for (const side of sides) await side.close();
  }
  return tally;
}

const LOST = 'the rest, after a replay that was refused';
const nameOf = (line: string): string => line.split('\n', 1)[0] ?? '';

async function play(
  items: readonly Item[],
  sides: readonly Side[],
  pieces: Pieces,
  options: FileOptions,
  tally: FileTally,
): Promise<void> {
  const conditions: boolean[] = [];
  let done = 0;
  let schema = false;
  await begin();
  for (const item of items) {
    if (item.kind === 'command' && isCondition(item.name))
      heedCondition(conditions, item.name, () => sides[0]?.variables.isTrue(item.rest));
    else if (conditions.includes(false)) continue;
    else if (item.kind === 'command') {
      if (item.name === 'q') break;
      if (!HEEDED.has(item.name)) count(tally.skipped, `\\${item.name}`);
      for (const side of sides) await side.apply(item);
    } else {
      // What changes the schema is a piece of its own: it is refused, and what is beside it would be too.
      const changes = CHANGES_SCHEMA.test(stripComments(item.text));
      if (done > 0 && changes !== schema && (await end()) === 'lost') return;
      schema = changes;
      await runStatement(item, sides, tally);
      done += READS.test(stripComments(item.text)) ? 0.2 : 1;
      if (done >= (schema ? 4 : 1) * options.piece && (await end()) === 'lost') return;
    }
  }
  if (done > 0) await end();

  async function begin(): Promise<void> {
    done = 0;
    if (options.piece > 0) await pieces.begin();
  }
  async function end(): Promise<'good' | 'lost'> {
    if (options.piece === 0 || sides[0]?.inside || (await hasPrepared(sides[0]))) return 'good';
    const verdict = await pieces.end();
    if (typeof verdict === 'object') tally.wrong.push(`before statement ${tally.statements + 1}: ${verdict.wrong}`);
    if (verdict === 'lost') count(tally.skipped, LOST);
    if (verdict === 'good') await begin();
    return verdict === 'good' ? 'good' : 'lost';
  }
}

const HEEDED = new Set(['set', 'unset', 'getenv', 'c', 'connect', 'encoding']);
const CHANGES_SCHEMA =
  /^(?:create|alter|drop|comment|grant|revoke|refresh|import|security|reassign|do|reindex|cluster|vacuum|analyze|select\s[^;]*\binto\b)/i;

const READS = /^(?:select|values|table|show|explain|set|reset|fetch)\b/i;

const isCondition = (name: string): boolean => ['if', 'elif', 'else', 'endif'].includes(name);

function heedCondition(conditions: boolean[], name: string, isTrue: () => boolean | undefined): void {
  if (name === 'if') conditions.push(isTrue() === true);
  else if (name === 'endif') conditions.pop();
  else conditions.push(!conditions.pop() && (name === 'else' || isTrue() === true));
}

async function hasPrepared(side: Side | undefined): Promise<boolean> {
  const answer = await side?.observer.query('SELECT FROM pg_prepared_xacts WHERE database = current_database()');
  return (answer?.rowCount ?? 0) > 0;
}

async function runStatement(
  item: Extract<Item, { kind: 'sql' }>,
  sides: readonly Side[],
  tally: FileTally,
): Promise<void> {
  tally.statements++;
  const [, view] = VIEW.exec(item.text) ?? [];
  if (view !== undefined && SHOWS_CAPTURE.test(item.text)) tally.views.add(view);
  if (item.ends && /^bind|^parse|^sendpipeline/.test(item.ends.name)) {
    count(tally.skipped, `\\${item.ends.name}`);
    return;
  }
  const told = await Promise.all(sides.map((side) => side.run(item)));
  if (item.ends?.name === 'gexec')
    for (const text of told[0]?.results?.at(-1)?.rows.flat() ?? [])
      if (text !== null) await runStatement({ kind: 'sql', text, ends: undefined, data: undefined }, sides, tally);
  const [captured, twin, chance] = told.map(comparable);
  if (isDeepStrictEqual(captured, twin)) return;
  if (!isDeepStrictEqual(twin, chance)) return count(tally.skipped, 'answers that differ by chance');
  if (SHOWS_CAPTURE.test(item.text) || readsView(item.text, tally))
    return count(tally.skipped, 'answers that show the catalog or a plan');
  tally.answers.push(
    `statement ${tally.statements}: ${item.text.slice(0, 500)}\n  without capture ${cut(twin)}\n  with capture    ${cut(captured)}`,
  );
}

/** Rows, and what triggers say of them, in the order of their text: which comes first where nothing orders them, a rewind may change. */
function comparable({ results, notices, ...rest }: Told): unknown {
  return {
    ...rest,
    notices: [...notices].sort(),
    results: results?.map((result) => ({ ...result, rows: result.rows.map((row) => JSON.stringify(row)).sort() })),
  };
}

const SHOWS_CAPTURE = /\bpg_\w+|information_schema|^\s*explain/i;
const VIEW = /^\s*create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?view\s+(\w+)/i;

/** One of the file's own that is made of the catalog: in `pg_locks` a transaction that changes the schema has one of ours. */
function readsView(text: string, { views }: FileTally): boolean {
  return [...views].some((view) => new RegExp(`\\b${view}\\b`, 'i').test(text));
}

function cut(value: unknown): string {
  return JSON.stringify(value).slice(0, 600);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

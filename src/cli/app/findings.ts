// What `doctor --app` says of what it has seen: a line for each command, server and file, with what to change.
import type { StampedEvent } from '../../events.ts';
import type { Check } from '../check.ts';
import { inShort } from './checkout-files.ts';
import { type Reads, readsText } from './reads.ts';
import type { ServerUse } from './server-use.ts';

export interface Finding extends Check {
  readonly about: string;
}

export interface WrittenFiles {
  /** By the steps and by the server of slot 0. */
  readonly first: readonly string[];
  /** By the server of slot 1. */
  readonly second: readonly string[];
  /** While the tests ran. */
  readonly tests: readonly string[];
  /** By `build`, once: of no slot. */
  readonly built?: readonly string[];
}

/** The steps, and what the run has said of them. */
export function findingsOfRun(events: readonly StampedEvent[]): Finding[] {
  const found: Finding[] = [];
  for (const event of events) {
    if (event.type === 'template-ready') {
      const taken = events.flatMap((each) => (each.type === 'variables-taken' ? each.taken : []));
      const given = ['DATABASE_URL', 'PGHOST … PGDATABASE', ...taken.flatMap(({ variables }) => variables)];
      const what = event.built
        ? 'built the template'
        : 'were not run: the template is there, and their inputs are the same';
      found.push({ state: 'ok', about: 'migrate, seed', found: `${what}; given ${[...new Set(given)].join(', ')}` });
    }
    if (event.type === 'origins-inherited') {
      for (const { variable, from, value } of event.origins) {
        found.push({
          ...{ state: 'warn', about: variable, found: `names your development server (${from})` },
          todo: `if a server reads it, write in its env: { ${variable}: '${value}' }`,
        });
      }
    }
    if (event.type === 'origins-fixed') {
      for (const { where, what, todo, isSure } of event.origins) {
        found.push({ state: isSure ? 'fail' : 'warn', about: where, found: what, todo });
      }
    }
    if (event.type === 'build-shared') {
      const about = `server "${event.server}"`;
      if (event.isShared) {
        const todo = "copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' }, with that as `distDir` in next.config";
        found.push({ state: 'fail', about, found: 'all slots write into one .next', todo });
      }
      if (event.isUnbuilt) {
        const todo = "build: 'next build'";
        found.push({ state: 'warn', about, found: 'static pages have the rows of another database', todo });
      }
    }
    if (event.type === 'database-named') {
      found.push({
        ...{ state: 'warn', about: event.variable, found: `names ${event.database}, a database beside the slots'` },
        todo: `allowDatabases: ['${event.variable}'], if all slots may share it`,
      });
    }
    if (event.type === 'also-connected') {
      const who = event.server === undefined ? 'tests' : `server "${event.server}"`;
      found.push({
        ...{ state: 'fail', about: who, found: `also on ${event.to.join(', ')} (slot ${event.slot})` },
        todo: "name the variable that it reads: `database: { env: 'NAME' }`; or `allowDatabases`, if it is to be shared",
      });
    }
    if (event.type === 'database-untouched') {
      found.push({
        ...{ state: 'fail', about: `slot ${event.slot}`, found: 'its database is empty when its servers are ready' },
        todo: 'have `database.migrate` make the tables; `database: { empty: true }`, if nothing is to be there',
      });
    }
    if (event.type === 'development-connected') {
      const { server, to, slot } = event;
      found.push({
        ...{ state: 'fail', about: `server "${server}"` },
        found: `is connected to ${to.join(', ')}, your development server (slot ${slot})`,
        todo: "let it read the address from a variable, and set that in its options: `env: { API_URL: '{url:api}' }`",
      });
    }
    if (event.type === 'development-visited') {
      found.push({
        ...{
          state: 'fail',
          about: event.test.title,
          found: `goes to ${event.origins.join(', ')}, your development server`,
        },
        todo: "use paths, or `baseURL`; or developmentOrigin: 'rewrite'",
      });
    }
  }
  // A server may have been looked at twice.
  return [...new Map(found.map((each) => [`${each.about} ${each.found}`, each])).values()];
}

/** A line for each command that ran: `build`, `migrate`, `seed`, `prepare`. */
export function findingsOfReads(reads: readonly Reads[]): Finding[] {
  const ofCommands = reads.filter(({ title }) => !title.startsWith('server "'));
  return ofCommands.map((each): Finding => {
    const of = { about: each.title, found: readsText(each) };
    // Most builds need no database.
    const needsNone = each.title === 'build';
    if (needsNone || !each.isSeen || each.hasCopied || each.read.length > 0) return { state: 'ok', ...of };
    const todo = "name the variable in which it reads its database: `database: { env: 'NAME' }`";
    return { state: 'warn', ...of, todo };
  });
}

/** One line for a server that does the same on both slots. */
export function findingsOfServers(
  uses: readonly ServerUse[],
  events: readonly StampedEvent[] = [],
  reads: readonly Reads[] = [],
): Finding[] {
  return [...new Set(uses.map(({ name }) => name))].flatMap((name) => {
    const own = uses.filter((use) => use.name === name);
    const read = reads.find(({ title }) => title === `server "${name}"`);
    return [...listening(name, own, read), ...databases(name, own, events), ...shared(name, own, events)];
  });
}

function listening(name: string, uses: readonly ServerUse[], reads: Reads | undefined): Finding[] {
  const all = uses.map(({ slot, url, ports }) => {
    const own = Number(new URL(url).port);
    const others = ports.filter((port) => port !== own);
    return `slot ${slot}: port ${own}${others.length > 0 ? ` (and ${others.join(', ')})` : ''}`;
  });
  const found = [all.join(', ')];
  if (reads) found.push(readsText(reads));
  const named = [...new Set(uses.flatMap((each) => each.named))];
  if (named.length > 0 && (!reads?.isSeen || reads.hasCopied)) found.push(`its files name ${named.join(', ')}`);
  return [{ state: 'ok', about: `server "${name}"`, found: found.join('; ') }];
}

/** A pool may have closed what the run has seen. */
function databases(name: string, uses: readonly ServerUse[], events: readonly StampedEvent[]): Finding[] {
  const about = `server "${name}"`;
  const wasSeen = (slot: number) =>
    events.some((event) => event.type === 'database-used' && event.server === name && event.slot === slot);
  const missing = uses.filter(({ own, slot }) => own.length === 0 && !wasSeen(slot)).map(({ slot }) => slot);
  if (missing.length > 0 && uses[0]?.database === 'none')
    return [{ state: 'ok', about, found: "uses no database (`database: 'none'`)" }];
  if (missing.length === 0) return [{ state: 'ok', about, found: 'is on the database of its slot' }];
  return [
    {
      ...{ state: 'warn', about, found: `has no session on the database of slot ${missing.join(' and ')}` },
      todo: "name tests that use it: `doctor --app e2e/a.spec.ts`; where it uses none: `database: 'none'`",
    },
  ];
}

/** What both slots are connected to is shared by their tests. */
function shared(name: string, uses: readonly ServerUse[], events: readonly StampedEvent[]): Finding[] {
  const about = `server "${name}"`;
  const stacks = [...new Set(uses.flatMap(({ otherStacks }) => otherStacks))];
  // Of development servers the run has said it.
  const development = events.flatMap((event) => (event.type === 'development-connected' ? event.to : []));
  const isDevelopment = (there: string) =>
    development.some((origin) => new URL(origin).port === there.split(':').at(-1));
  const elsewhere = [...new Set(uses.flatMap((use) => use.elsewhere))].filter((there) => !isDevelopment(there));
  return [
    ...stacks.map((there): Finding => {
      const todo = 'use {port:NAME} in its env, or STACK_URL, and no fixed address';
      return { state: 'fail', about, found: `is connected to another slot's server: ${there}`, todo };
    }),
    ...elsewhere.map((there): Finding => {
      const todo = 'prefix what it keeps there with STACK_KEY, which differs between slots';
      return { state: 'warn', about, found: `is connected to ${there}, which all slots share`, todo };
    }),
  ];
}

/** Every framework appends to its own, and no application reads it. */
const LOG = /\.log$/;

export function findingsOfFiles({ first: all, second, tests, built = [] }: WrittenFiles): Finding[] {
  const first = all.filter((path) => !built.includes(path) || second.includes(path));
  const both = second.filter((path) => first.includes(path));
  const some = [...new Set([...first, ...second])].filter((path) => !both.includes(path));
  const found: Finding[] = [];
  const about = 'files';
  const todo = 'if tests read them, they see those of others: `server.copy`, or `workspace`';
  const logs = both.filter((path) => LOG.test(path));
  const shared = both.filter((path) => !LOG.test(path));
  if (shared.length > 0) {
    const [top = ''] = shared[0]?.split('/') ?? [];
    const ownEach = `give each slot its own: server.copy: ['${top}'], or \`workspace\``;
    found.push({ state: 'fail', about, found: `both slots write ${inShort(shared)}`, todo: ownEach });
  }
  if (logs.length > 0) found.push({ state: 'warn', about, found: `both slots write ${inShort(logs)}`, todo });
  if (some.length > 0) {
    found.push({ state: 'warn', about, found: `written into the checkout: ${inShort(some)}`, todo });
  }
  if (tests.length > 0) {
    found.push({ state: 'warn', about, found: `written while the tests ran: ${inShort(tests)}`, todo });
  }
  if (found.length === 0) {
    const once = built.length > 0 ? `, but by \`build\`, once: ${inShort(built)}` : '';
    found.push({ state: 'ok', about, found: `nothing is written into the checkout${once}` });
  }
  return found;
}

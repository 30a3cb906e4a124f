// The lines of events that are about the run, a stack or one test.
import { relative } from 'node:path';
import type { StacksEvent } from '../events.ts';
import { originTitle, stackTitle } from '../names.ts';
import { printableName } from '../text/printable.ts';
import { openParts } from './opened-stacks.ts';
import { count } from './words.ts';

/** The line for an event, or undefined where it is not worth one. */
export function eventLine(event: StacksEvent): string | undefined {
  switch (event.type) {
    case 'swept':
      return sweptLines(event);
    case 'reaped':
      return `ended processes that commands and servers had left running: ${event.removed.join(', ')}`;
    case 'variables-taken':
      return takenLines(event);
    case 'also-connected':
      return `${event.server === undefined ? 'code of the tests on' : `server "${event.server}" of`} ${stackTitle(event.slot, event.variant)} is also connected to ${event.to.join(', ')}; \`allowDatabases\` says that it is meant`;
    case 'database-untouched':
      if (event.slot > 0) return undefined; // It is the same in all slots.
      return `the database of ${stackTitle(event.slot, event.variant)} is empty, now that its servers are ready, and none of them was seen on it: is it on another? (\`database.migrate\` fills it, \`empty: true\` says that it is meant)`;
    case 'not-provable':
      return `not provable whether the servers were on their slot’s database: nothing was seen of them over TCP, and this Postgres, or what is in front of it, does not tell`;
    case 'origins-inherited':
      return event.origins
        .map(
          ({ variable, from, value }) =>
            `${variable} (${from}) names your development server in every slot; if a server reads it, write there: env: { ${variable}: '${value}' }`,
        )
        .join('\n');
    case 'origins-fixed':
      if (event.failed) return undefined; // The run ends with it.
      return event.origins.map(({ where, what, todo }) => `${where} ${what}; ${todo}`).join('\n');
    case 'server-steps':
      return serverStepsLine(event);
    case 'build-shared':
      return sharedBuildLines(event);
    case 'database-named':
      return `\`${event.path}\` names ${event.database}, which all slots share; if that is meant: allowDatabases: ['${event.variable}']`;
    case 'built':
      if (event.reused) return `build: nothing has changed (${event.ms} ms)`;
      return `build: ${event.ms} ms${event.tainted ? `; ${event.tainted} names the database that it was built on, which is gone: a server that reads it there, and not in its environment, is not on its slot’s; built again in the next run` : ''}`;
    case 'postgres-ready': {
      const cluster = {
        cached: ', cluster with template from the cache',
        base: ', empty cluster from the cache',
        initdb: ', new cluster',
        kept: ', a copy of a database that an earlier run kept',
        none: '',
      };
      return `postgres ${event.version} (${event.kind}${cluster[event.cluster]}): ${event.ms} ms`;
    }
    case 'template-ready': {
      const again = event.reusable ? '' : '; set `database.inputs` to build it only when they change';
      const meanwhile = event.meanwhile
        ? `; its inputs changed meanwhile (${printableName(event.meanwhile)}), so the next run builds it again: leave what its steps write out of \`database.inputs\`, with a \`!\` before its name`
        : '';
      return event.built
        ? `template built${event.why === undefined ? '' : ` (${printableName(event.why)})`}: ${event.ms} ms (migrate ${event.migrate}, seed ${event.seed})${again}${meanwhile}`
        : `template reused: ${event.ms} ms`;
    }
    case 'stack-waits': {
      const { needed, free, total } = event;
      const state = `${free} of the ${total} connections of the server are free, and a stack may need ${needed}`;
      return `${stackTitle(event.slot, event.variant)} is waiting for free connections: ${state} (\`database.connections\`)`;
    }
    case 'machine-waits':
      return event.again ? undefined : machineLine(event);
    case 'machine-unknown':
      return `other runs on this machine are not known, and not waited for: ${event.why}`;
    case 'rewound':
      if (event.ended.length === 0) return undefined;
      return `${originTitle(event)} left ${count(event.ended.length, 'transaction')} of the application open; ended: ${event.ended.map(printableName).join('; ')}`;
    case 'late-writes': {
      const tables = event.tables.map(({ table, deleted, inserted }) => `${table} (${Math.max(deleted, inserted)})`);
      return `late writes: ${tables.join(', ')} changed up to ${event.ms} ms after ${originTitle(event)} ended; undone`;
    }
    case 'writes-late': {
      const { silence, quiet } = event;
      return `${applicationOf(event)} writes up to ${silence} ms after its last statement: rewinds wait until it was quiet for ${quiet} ms. \`server.idle: { quiet: ${quiet} }\` waits from the first test on; \`server.restart: 'test'\` waits for nothing, and starts it again after every test, with \`spares\` ahead`;
    }
    case 'never-quiet': {
      const { quiet, most } = event;
      return `${applicationOf(event)} was not quiet for ${quiet} ms within ${most} ms, after three tests in a row: no more than 3 ms are waited for from now on, and what it writes later may reach the next test. \`server.idle: { when }\` can ask it, \`server.restart: 'test'\` ends it`;
    }
    case 'rewind-impossible': {
      const { reason, what, hint, ms, opened } = event;
      const remedy = hint ? `; ${hint}` : '';
      const parts = opened ? ` (${partsText(opened)})` : '';
      return `${originTitle(event)} cannot be rewound (${reason}: ${what}): the stack was opened anew in ${ms} ms${parts}${remedy}`;
    }
    case 'connection-left-open':
      return `${event.owner} left a connection to Postgres open, which has ended with its database: close it where it is opened (\`await pool.end()\`)`;
    case 'server-exited':
      if (event.when === 'during') return undefined; // The test fails with it.
      return event.test ? `after '${event.test.title}': ${event.message}` : event.message;
    case 'inspector': {
      const of = `server "${event.server}" of ${stackTitle(event.slot, event.variant)}`;
      return event.address ? `inspector of ${of}: ${event.address}` : `no inspector of ${of}: ${event.why}`;
    }
    case 'no-spares':
      return `${applicationOf(event)} has no spares: tests wait until it is started again. ${event.why}`;
    case 'beside-failed':
      return `the \`beside\` of server "${event.server}" failed in slot ${event.slot}; the tests go on: ${event.why}`;
    case 'beside-left-out':
      return `the \`beside\` of server "${event.server}" is left out: with \`once\` it is for runs of one stack, and this one may have ${event.stacks}`;
    case 'conflicts':
      return conflictLines(event);
    case 'published':
      return `published: ${event.branches.join(', ')}`;
    case 'kept':
      return `kept what '${event.test.titlePath.join(' › ')}' left: ${event.hint}`;
    case 'statements-not-logged':
      return `the statements of tests cannot be shown: ${event.why}; leave \`sql\` out, or let the run start its own Postgres`;
    case 'statements-not-counted':
      return `the statements of tests are not counted: ${event.why}; \`sql: 'off'\` asks for no counts`;
    case 'report-written':
      return `report: ${[event.file, ...(event.trace ? [event.trace] : [])].map((file) => relative(process.cwd(), file)).join(', ')}`;
    case 'report-failed':
      return `no report at ${relative(process.cwd(), event.file)}: ${event.why}`;
    case 'not-kept':
      return `${event.what} is not kept: ${event.why}`;
    case 'development-visited':
      if (event.failed) return undefined; // The test fails with it.
      return `'${event.test.title}' went to ${event.origins.join(', ')}, the development server; slot ${event.slot}’s is ${event.url}`;
    case 'development-connected': {
      if (event.failed && event.test) return undefined; // The test fails with it.
      const during = event.test ? ` during '${event.test.title}'` : '';
      return `server "${event.server}" of ${stackTitle(event.slot, event.variant)} was connected to ${event.to.join(', ')}, the development server${during}`;
    }
    case 'hint':
      return `hint for '${event.test.title}': ${event.text}`;
    default:
      return undefined;
  }
}

/** Of those that have slots. */
const MOST_RUNS = 5;

function machineLine({ slot, variant, slots, by }: Extract<StacksEvent, { type: 'machine-waits' }>): string {
  const named = by.slice(0, MOST_RUNS).map(({ run, root, slots: held }) => `run ${run} in ${root} (${held})`);
  const more = by.length > MOST_RUNS ? [`and ${count(by.length - MOST_RUNS, 'more run')}`] : [];
  const all = slots === 1 ? 'the only slot of this machine is' : `all ${slots} slots of this machine are`;
  return `${stackTitle(slot, variant)} is waiting: ${all} in use, by ${[...named, ...more].join(', ')} (\`machine\`)`;
}

function applicationOf({ servers }: { readonly servers: readonly string[] }): string {
  return servers.length > 0 ? servers.map((name) => `server "${name}"`).join(' or ') : 'the application';
}

/** One line for the development database, by whatever names; one for each other. */
function takenLines({ taken }: Extract<StacksEvent, { type: 'variables-taken' }>): string {
  const named = (each: (typeof taken)[number]) => `${each.variables.join(', ')} (${each.from})`;
  const own = taken.filter(({ isOther }) => !isOther);
  const others = taken.filter(({ isOther }) => isOther);
  const databases = [...new Set(own.map(({ database }) => database))].join(', ');
  return [
    ...(own.length > 0 ? [`the slot’s database instead of ${databases}: ${own.map(named).join(', ')}`] : []),
    ...others.map((each) => {
      const [first = ''] = each.variables;
      return `the slot’s database instead of ${each.database}, too: ${named(each)}; \`databases\` gives it one of its own, allowDatabases: ['${first}'] leaves it`;
    }),
  ].join('\n');
}

/** With the options in which they run once. */
function serverStepsLine({ server, steps, serves }: Extract<StacksEvent, { type: 'server-steps' }>): string {
  const option = (name: string) => {
    const commands = steps.filter(({ step }) => step === name).map(({ command }) => command);
    return commands.length === 0 ? [] : [`${name}: '${commands.join(' && ')}'`];
  };
  const database = [...option('migrate'), ...option('seed')];
  const options = [
    ...(database.length === 0 ? [] : [`database: { ${database.join(', ')} }`]),
    ...option('build'),
    `server: { command: '${serves}' }`,
  ];
  const what = [...new Set(steps.map(({ step }) => (step === 'build' ? 'builds' : `${step}s`)))].join(' and ');
  return `server "${server}" ${what} in every slot before it serves. Once for all: ${options.join(', ')}`;
}

function sharedBuildLines({ server, isShared, isUnbuilt }: Extract<StacksEvent, { type: 'build-shared' }>): string {
  const shared = `server "${server}" runs \`next start\` for all slots in one folder: pages that are rendered anew and cached data are written into .next, and one slot shows another's. Give each its own: copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' }, with \`distDir: process.env.NEXT_DIST_DIR\` in next.config`;
  const unbuilt = `server "${server}" runs \`next start\`, and nothing builds it for this run: static pages have the rows of the database that it was built with. Use build: 'next build'`;
  return [...(isShared ? [shared] : []), ...(isUnbuilt ? [unbuilt] : [])].join('\n');
}

/** Overlap alone is no conflict. */
function conflictLines({ conflicts, pairs, compared }: Extract<StacksEvent, { type: 'conflicts' }>): string {
  const left = compared < pairs ? `; of ${pairs} pairs of commits only ${compared} were looked at` : '';
  if (conflicts.length === 0) return `no conflicts: what slots committed to the same files can be merged${left}`;
  const lines = conflicts.map(({ files, slots }) => `  ${files.join(', ')}: slots ${slots.join(' and ')}`);
  return [`${count(conflicts.length, 'conflict')} between what slots have committed${left}:`, ...lines].join('\n');
}

/** `clone 67, web 7655`. */
function partsText(opened: Parameters<typeof openParts>[0]): string {
  return Object.entries(openParts(opened))
    .map(([name, ms]) => `${name} ${ms}`)
    .join(', ');
}

function sweptLines({ removed, failures }: Extract<StacksEvent, { type: 'swept' }>): string {
  const lines = removed.length > 0 ? [`removed leftovers of earlier runs: ${removed.join(', ')}`] : [];
  const failed = failures.map(
    (failure) => `could not remove leftovers of an earlier run; the next run retries: ${failure}`,
  );
  return [...lines, ...failed].join('\n');
}

/** Of a worker that ended in the midst of a test. A test that took too long is Playwright's to report. */
export function workerLine({
  worker,
  slot,
  test,
  failure,
}: Extract<StacksEvent, { type: 'test-result' }>): string | undefined {
  if (!failure || failure.reason === 'timed out') return undefined;
  const how =
    failure.reason === 'killed' ? 'was killed' : failure.reason === 'crashed' ? 'crashed' : 'ran out of memory';
  return `worker ${worker} (slot ${slot}) ${how} in '${test.title}' (${failure.exit}); another one takes its place`;
}

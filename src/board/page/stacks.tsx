// A lane for each stack: what it does now, its servers, its database.
import { computed } from '@preact/signals';
import { DEFAULT_VARIANT, stackTitle } from '../../names.ts';
import { runningTests } from '../../state/files.ts';
import type { ServerState, StackState, TestState, WorkerState } from '../../state/run-state.ts';
import type { DatabaseFacts, ServerFacts } from '../live-facts.ts';
import { byStack, bytes, databaseText, isWorthALine, queryText, type StackFacts } from '../view/stack-facts.ts';
import { clock } from '../view/times.ts';
import { memo } from './memo.ts';
import { Copy, Section, Since } from './parts.tsx';
import { connection, facts, state } from './store.ts';

/** By worker. */
const running = computed(() => {
  const all = new Map<number, TestState>();
  for (const { test } of runningTests(state.value)) {
    if (test.worker !== undefined) all.set(test.worker, test);
  }
  return all;
});

const known = computed(() => byStack(facts.value));

export function Stacks() {
  const { stacks, workers } = state.value;
  const all = Object.values(stacks).sort(
    (one, other) => one.slot - other.slot || one.variant.localeCompare(other.variant),
  );
  if (all.length === 0) return null;
  const most = Math.max(...all.map(({ servers }) => servers.length));
  const failed = Object.values(workers).filter(({ why }) => why !== undefined);
  return (
    <Section title="Stacks" id="stacks" count={all.length}>
      <ul class={all.length > MANY ? 'lanes many' : 'lanes'} style={{ '--lines': 2 + most }}>
        {all.map((stack) => {
          const title = stackTitle(stack.slot, stack.variant);
          const of = stack.status === 'open' ? known.value.get(title) : undefined;
          return (
            <li key={title} class={isCalm(stack, of) ? 'calm' : ''}>
              <Lane
                stack={stack}
                test={stack.worker === undefined ? undefined : running.value.get(stack.worker)}
                worker={all.length > MANY ? undefined : workers[stack.worker ?? -1]}
                facts={of}
              />
            </li>
          );
        })}
      </ul>
      {failed.length > 0 ? (
        <ul class="workers" aria-label="Workers that failed">
          {failed.map(({ worker, slot, health, why }) => (
            <li key={worker}>
              <span class="bad">worker {worker}</span> of slot {slot} {why?.reason} ({why?.exit}) in “{why?.test.title}”
              {health === 'replaced' ? '; another one has its slot' : ''}
            </li>
          ))}
        </ul>
      ) : null}
    </Section>
  );
}

/** Of more stacks each shows less. */
const MANY = 12;

/** Nothing that a person should read has happened. */
function isCalm({ servers }: StackState, facts: StackFacts | undefined): boolean {
  if (servers.some(({ why }) => why !== undefined)) return false;
  if (facts?.servers.some(({ error }) => error !== undefined)) return false;
  return !facts?.databases.some(({ query }) => query && isWorthALine(query));
}

interface LaneProps {
  readonly stack: StackState;
  readonly test: TestState | undefined;
  /** Undefined: none has it, or the lane is to be short. */
  readonly worker: WorkerState | undefined;
  readonly facts: StackFacts | undefined;
}

const Lane = memo(({ stack, test, worker, facts }: LaneProps) => {
  const { slot, variant, status, servers, database, url, worktree, ms } = stack;
  const title = stackTitle(slot, variant);
  return (
    <article class={`lane ${status}`} aria-label={title}>
      <h3>
        <span>{title}</span>
        <span class={`state ${status}`}>{stateOf(stack, test)}</span>
      </h3>
      {status === 'closed' ? null : (
        <p class="now">
          {test ? (
            <>
              <span class="name" title={test.titlePath.join(' › ')}>
                {test.titlePath.join(' › ')}
              </span>
              {test.startedAt === undefined ? null : <Since at={test.startedAt} />}
            </>
          ) : (
            <span class="quiet">{status === 'open' ? 'no test' : ''}</span>
          )}
        </p>
      )}
      <ul class="servers">
        {servers.map((server) => (
          <li key={server.name}>
            <Server
              server={server}
              url={servers[0] === server ? url : undefined}
              facts={facts?.servers.find(({ name }) => name === server.name)}
            />
          </li>
        ))}
      </ul>
      {database === undefined ? null : (
        <p class="database">
          <code>{database}</code>
          {connection.value === 'live' && status === 'open' && variant === DEFAULT_VARIANT ? (
            <Copy text={`npx playwright-stacks psql ${slot}`} label="copy psql" />
          ) : null}
        </p>
      )}
      {facts?.databases.map((each) => (
        <Database key={each.database} facts={each} isOnly={facts.databases.length === 1} />
      ))}
      {worktree ? (
        <p class="quiet path" title={worktree.path}>
          worktree: {worktree.resets} resets, {worktree.commits} commits
        </p>
      ) : null}
      {ms ? (
        <p class="quiet opened">
          opened in {clock(ms.total)}
          {stack.opened > 1 ? `, ${stack.opened} times` : ''}
          {worker ? `; worker ${worker.worker}: ${worker.tests === 1 ? '1 test' : `${worker.tests} tests`}` : ''}
        </p>
      ) : null}
    </article>
  );
});

function stateOf({ status, worker, isQueued }: StackState, test: TestState | undefined): string {
  if (isQueued) return 'waits for a slot of the machine';
  if (status === 'waiting') return 'waits for connections';
  if (status !== 'open') return status;
  return test ? 'testing' : worker === undefined ? 'ready' : 'idle';
}

/** Its size, who is connected, and what runs for long. */
function Database({ facts, isOnly }: { readonly facts: DatabaseFacts; readonly isOnly: boolean }) {
  const { database, query } = facts;
  return (
    <>
      <p class="quiet size">
        {isOnly ? '' : `${database}: `}
        {databaseText(facts)}
      </p>
      {query && isWorthALine(query) ? (
        <div class={query.blockers.length > 0 ? 'query blocked' : 'query'}>
          <p title={query.sql}>
            {queryText(query)}: <code>{query.sql}</code>
          </p>
          {query.blockers.map(({ pid, sql }) => (
            <p key={pid} title={sql}>
              pid {pid}: <code>{sql}</code>
            </p>
          ))}
        </div>
      ) : null}
    </>
  );
}

/** Its first line; of a long one the beginning. */
function Why({ text }: { readonly text: string }) {
  return (
    <span class="why" title={text}>
      {text.split('\n')[0]}
    </span>
  );
}

interface ServerProps {
  readonly server: ServerState;
  readonly url: string | undefined;
  readonly facts: ServerFacts | undefined;
}

function Server({ server, url, facts }: ServerProps) {
  const { name, port, pid, health, exits, why } = server;
  const address = `${name}:${port ?? '?'}`;
  const isLink = url !== undefined && /^https?:\/\//.test(url) && health !== 'stopped' && health !== 'failed';
  return (
    <>
      <span class={`dot ${health}`} aria-hidden="true" />
      {isLink ? (
        <a href={url} target="_blank" rel="noreferrer noopener">
          {address}
        </a>
      ) : (
        <span>{address}</span>
      )}{' '}
      <span class="quiet">
        {health === 'replaced' ? `ended ${exits}×, runs again` : health}
        <span class="pid">, pid {pid}</span>
        {facts?.memory === undefined ? '' : `, ${bytes(facts.memory)}`}
      </span>
      {why ? <Why text={why.message} /> : null}
      {facts?.error === undefined ? null : <Why text={facts.error} />}
    </>
  );
}

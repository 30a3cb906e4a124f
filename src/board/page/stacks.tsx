// A lane for each stack: what it does now, its servers, its database.
import { computed } from '@preact/signals';
import { DEFAULT_VARIANT, stackTitle } from '../../names.ts';
import type { ServerState, StackState, TestState } from '../../state/run-state.ts';
import { summaryOf } from '../view/file-summary.ts';
import { clock } from '../view/times.ts';
import { memo } from './memo.ts';
import { Copy, Section, Since } from './parts.tsx';
import { connection, state } from './store.ts';

/** By worker. */
const running = computed(() => {
  const all = new Map<number, TestState>();
  if (state.value.progress.running === 0) return all;
  for (const file of Object.values(state.value.files)) {
    for (const test of summaryOf(file).running) {
      if (test.worker !== undefined) all.set(test.worker, test);
    }
  }
  return all;
});

export function Stacks() {
  const { stacks, workers } = state.value;
  const all = Object.values(stacks).sort(
    (one, other) => one.slot - other.slot || one.variant.localeCompare(other.variant),
  );
  if (all.length === 0) return null;
  const failed = Object.values(workers).filter(({ why }) => why !== undefined);
  return (
    <Section title="Stacks" id="stacks" count={all.length}>
      <ul class={all.length > 12 ? 'lanes many' : 'lanes'}>
        {all.map((stack) => (
          <li key={stackTitle(stack.slot, stack.variant)}>
            <Lane stack={stack} test={stack.worker === undefined ? undefined : running.value.get(stack.worker)} />
          </li>
        ))}
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

const Lane = memo(({ stack, test }: { readonly stack: StackState; readonly test: TestState | undefined }) => {
  const { slot, variant, status, servers, database, url, worktree, ms } = stack;
  const title = stackTitle(slot, variant);
  return (
    <article class={`lane ${status}`} aria-label={title}>
      <h3>
        <span>{title}</span>
        <span class={`state ${status}`}>{stateOf(stack, test)}</span>
      </h3>
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
      <ul class="servers">
        {servers.map((server) => (
          <li key={server.name}>
            <Server server={server} url={servers[0] === server ? url : undefined} />
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
      {worktree ? (
        <p class="quiet path" title={worktree.path}>
          worktree: {worktree.resets} resets, {worktree.commits} commits
        </p>
      ) : null}
      {ms ? (
        <p class="quiet opened">
          opened in {clock(ms.total)}
          {stack.opened > 1 ? `, ${stack.opened} times` : ''}
        </p>
      ) : null}
    </article>
  );
});

function stateOf({ status, worker }: StackState, test: TestState | undefined): string {
  if (status === 'waiting') return 'waits for connections';
  if (status !== 'open') return status;
  return test ? 'testing' : worker === undefined ? 'ready' : 'idle';
}

function Server({ server, url }: { readonly server: ServerState; readonly url: string | undefined }) {
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
        {health === 'replaced' ? `ended ${exits}×, runs again` : health}, pid {pid}
      </span>
      {why ? <span class="why">{why.message.split('\n')[0]}</span> : null}
    </>
  );
}

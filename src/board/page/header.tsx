// How far the run is.
import { computed } from '@preact/signals';
import type { Progress, RunState } from '../../state/run-state.ts';
import { type Mark, marksOf } from '../view/earlier.ts';
import { clock, elapsed, speedUp, timeLeft } from '../view/times.ts';
import { choose, chosen, connection, filter, isMoving, now, runs, state } from './store.ts';

const OUTCOMES = ['failed', 'flaky', 'passed', 'skipped', 'cancelled', 'running', 'waiting'] as const;

const phase = computed(() => {
  const { phase, broken, progress } = state.value;
  if (connection.value === 'lost') return { text: 'connection lost, trying again', tone: 'bad' };
  if (connection.value === 'connecting') return { text: 'connecting', tone: 'calm' };
  if (broken !== undefined) return { text: 'broken', tone: 'bad' };
  const isOver = phase === 'ended' || connection.value === 'over' || connection.value === 'file';
  if (isOver) return progress.failed > 0 ? { text: 'ended, failed', tone: 'bad' } : { text: 'ended', tone: 'calm' };
  return phase === 'starting' || progress.total === 0
    ? { text: 'starting', tone: 'busy' }
    : { text: 'running', tone: 'busy' };
});

export function Header() {
  const { progress, run } = state.value;
  return (
    <header>
      <div class="title">
        <h1>playwright-stacks</h1>
        {run === '' ? null : <span class="run">run {run}</span>}
        <span class={`phase ${phase.value.tone}`} role="status">
          {phase.value.text}
        </span>
        <Runs />
      </div>
      <Bar progress={progress} />
      <div class="figures">
        <Counts progress={progress} />
        <Figures />
      </div>
    </header>
  );
}

/** The runs of a merged report. */
function Runs() {
  if (runs.value.length < 2) return null;
  return (
    <label class="runs">
      <span>Run</span>
      <select value={chosen.value} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
        {runs.value.map(({ state }, index) => (
          <option key={state.run} value={index}>
            {titleOf(state)}: {state.progress.failed} of {state.progress.total} failed
          </option>
        ))}
      </select>
    </label>
  );
}

function titleOf({ shard, run }: RunState): string {
  return shard ? `shard ${shard.current} of ${shard.total}` : `run ${run}`;
}

function Bar({ progress }: { readonly progress: Progress }) {
  const { total, completed } = progress;
  const parts = OUTCOMES.filter((outcome) => outcome !== 'waiting' && progress[outcome] > 0);
  return (
    <div
      class={`bar ${total === 0 && isMoving.value ? 'unknown' : ''}`}
      role="progressbar"
      aria-label="Tests that are over"
      aria-valuemin={0}
      aria-valuemax={total || 1}
      aria-valuenow={completed}
      aria-valuetext={`${completed} of ${total}`}
    >
      {parts.map((outcome) => (
        <span key={outcome} class={outcome} style={{ flexGrow: progress[outcome] }} />
      ))}
      <span class="rest" style={{ flexGrow: progress.waiting }} />
    </div>
  );
}

const MARKS: Readonly<Record<Mark, string>> = {
  slower: 'took more than twice as long as in earlier runs',
  unsteady: 'did not always pass in earlier runs',
};

/** How many tests have each mark. */
const marked = computed(() => {
  const all = Object.values(state.value.files).map((file) => marksOf(file, state.value.earlier));
  const countOf = (mark: Mark) => all.reduce((sum, marks) => sum + marks[mark].length, 0);
  return { slower: countOf('slower'), unsteady: countOf('unsteady') };
});

/** Each is a filter. */
function Counts({ progress }: { readonly progress: Progress }) {
  const shown = OUTCOMES.filter((outcome) => progress[outcome] > 0);
  const { status, mark } = filter.value;
  const marks = (['slower', 'unsteady'] as const).filter((each) => marked.value[each] > 0);
  return (
    <fieldset class="counts" aria-label="Show tests by outcome">
      <span class="done">
        {progress.total === 0 ? (
          'no tests yet'
        ) : (
          <>
            <b>{progress.completed}</b> of {progress.total}
          </>
        )}
      </span>
      {shown.map((outcome) => (
        <button
          key={outcome}
          type="button"
          class={`chip ${outcome}`}
          aria-pressed={status === outcome}
          onClick={() => {
            filter.value = { ...filter.value, status: status === outcome ? '' : outcome };
          }}
        >
          <b>{progress[outcome]}</b> {outcome}
        </button>
      ))}
      {marks.map((each) => (
        <button
          key={each}
          type="button"
          class="chip mark"
          title={MARKS[each]}
          aria-pressed={mark === each}
          onClick={() => {
            filter.value = { ...filter.value, mark: mark === each ? '' : each };
          }}
        >
          <b>{marked.value[each]}</b> {each}
        </button>
      ))}
    </fieldset>
  );
}

/** Of all tests, therefore as often as the clocks move, and not with each event. */
const left = computed(() => {
  const at = now.value;
  if (!isMoving.value) return undefined;
  const { workers } = state.peek();
  const active = Object.values(workers).filter(({ endedAt, health }) => endedAt === undefined && health === 'healthy');
  return timeLeft(state.peek(), active.length, at);
});

function Figures() {
  const { isolation, setup, progress } = state.value;
  const gain = speedUp(state.value, now.value);
  const cost = isolation.rewinds > 0 ? `${isolation.rewinds} rewinds, ${clock(isolation.ms)}` : undefined;
  const clones = isolation.freshClones > 0 ? String(isolation.freshClones) : undefined;
  const figures = [
    ['time', clock(elapsed(state.value, now.value))],
    ['left', left.value === undefined ? undefined : `about ${clock(Math.ceil(left.value / 1_000) * 1_000)}`],
    ['speed-up', gain === undefined || progress.completed === 0 ? undefined : `${gain.toFixed(1)}×`],
    ['isolation', cost],
    ['fresh clones', clones],
    ['postgres', setup.postgres && `${setup.postgres.version} (${setup.postgres.kind})`],
  ];
  return (
    <dl class="facts">
      {figures.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

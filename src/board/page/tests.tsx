// All tests by file, and the filters.
import { computed } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { EarlierRuns } from '../../events.ts';
import type { RunState, TestState } from '../../state/run-state.ts';
import { earlierOf, earlierText } from '../view/earlier.ts';
import { type Filter, find, isFiltering, NO_FILTER } from '../view/filter.ts';
import { statementsText } from '../view/statements.ts';
import { clock } from '../view/times.ts';
import { memo } from './memo.ts';
import { Section, Since, StatusSign } from './parts.tsx';
import { filter, state } from './store.ts';

/** How many files, and tests of a file, are drawn until more are asked for. */
const PAGE = 100;
/** So many tests are shown without a click. */
const FEW = 30;

const found = computed(() => find(state.value, filter.value));
const projects = computed(() => [...new Set(Object.values(state.value.files).map(({ project }) => project))]);
const slots = computed(() =>
  [...new Set(Object.values(state.value.stacks).map(({ slot }) => slot))].sort((a, b) => a - b),
);

export function Tests() {
  const [shown, setShown] = useState(PAGE);
  if (state.value.progress.total === 0) return null;
  const files = found.value;
  const count = files.reduce((sum, { tests }) => sum + tests.length, 0);
  const isFew = count <= FEW;
  return (
    <Section title="Tests" id="tests" count={count}>
      <Filters />
      {files.length === 0 ? <p class="quiet">No test matches.</p> : null}
      {files.slice(0, shown).map(({ key, file, tests }) => (
        <File
          key={key}
          file={file.file}
          project={file.project}
          tests={tests}
          earlier={state.value.earlier}
          identity={isFiltering(filter.value) ? tests : file}
          isOpen={isFew}
        />
      ))}
      {files.length > shown ? (
        <button type="button" onClick={() => setShown(shown + PAGE)}>
          Show {Math.min(PAGE, files.length - shown)} more files
        </button>
      ) : null}
    </Section>
  );
}

function Filters() {
  const set = (change: Partial<Filter>) => {
    filter.value = { ...filter.value, ...change };
  };
  const { text, project, slot } = filter.value;
  return (
    <search class="filters">
      <label>
        <span>Search</span>
        <input
          id="search"
          type="search"
          value={text}
          placeholder="file, title (press /)"
          onInput={({ currentTarget }) => set({ text: currentTarget.value })}
        />
      </label>
      {projects.value.length > 1 ? (
        <label>
          <span>Project</span>
          <select
            value={project === undefined ? '*' : `=${project}`}
            onChange={({ currentTarget: { value } }) => set({ project: value === '*' ? undefined : value.slice(1) })}
          >
            <option value="*">all</option>
            {projects.value.map((name) => (
              <option key={name} value={`=${name}`}>
                {name || '(no name)'}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {slots.value.length > 1 ? (
        <label>
          <span>Slot</span>
          <select
            value={slot ?? '*'}
            onChange={({ currentTarget: { value } }) => set({ slot: value === '*' ? undefined : Number(value) })}
          >
            <option value="*">all</option>
            {slots.value.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {isFiltering(filter.value) ? (
        <button
          type="button"
          onClick={() => {
            filter.value = NO_FILTER;
          }}
        >
          Show all
        </button>
      ) : null}
    </search>
  );
}

interface FileProps {
  readonly file: string;
  readonly project: string;
  readonly tests: readonly TestState[];
  readonly earlier: RunState['earlier'];
  readonly isOpen: boolean;
}

/** `identity` changes when what is shown does. */
function File({ identity, ...props }: FileProps & { readonly identity: object }) {
  return <FileOf {...props} identity={identity} />;
}

const FileOf = memo(({ file, project, tests, earlier, isOpen }: FileProps & { readonly identity: object }) => {
  const [toggled, setToggled] = useState<boolean | undefined>(undefined);
  const [shown, setShown] = useState(PAGE);
  const open = toggled ?? isOpen;
  const counts = countsOf(tests);
  return (
    <details
      class="file"
      open={open}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== open) setToggled(currentTarget.open);
      }}
    >
      <summary>
        <StatusSign status={worst(tests)} />
        <span class="name">{project ? `[${project}] ${file}` : file}</span>
        <span class="quiet">{counts}</span>
      </summary>
      {open ? (
        <ul class="tests">
          {tests.slice(0, shown).map((test) => (
            <li key={test.id}>
              <Row test={test} earlier={earlierOf(earlier, test)} />
            </li>
          ))}
        </ul>
      ) : null}
      {open && tests.length > shown ? (
        <button type="button" onClick={() => setShown(shown + PAGE)}>
          Show {Math.min(PAGE, tests.length - shown)} more
        </button>
      ) : null}
    </details>
  );
});

interface RowProps {
  readonly test: TestState;
  readonly earlier: EarlierRuns | undefined;
}

const Row = memo(({ test, earlier }: RowProps) => (
  <>
    <StatusSign status={test.status} />
    <span class="name">{test.titlePath.join(' › ')}</span>
    <span class="mark">{earlierText(test, earlier) ?? ''}</span>
    <span class="quiet">
      {test.slot === undefined || test.status === 'waiting' ? '' : `slot ${test.slot} `}
      {test.statements && `${statementsText(test.statements)} `}
      {test.startedAt !== undefined ? <Since at={test.startedAt} /> : test.ms > 0 ? clock(test.ms) : ''}
    </span>
  </>
));

const RANKS = ['failed', 'flaky', 'running', 'cancelled', 'waiting', 'passed', 'skipped'] as const;

function worst(tests: readonly TestState[]): TestState['status'] {
  return RANKS.find((status) => tests.some((test) => test.status === status)) ?? 'waiting';
}

function countsOf(tests: readonly TestState[]): string {
  const counts = RANKS.flatMap((status) => {
    const count = tests.filter((test) => test.status === status).length;
    return count > 0 ? [`${count} ${status}`] : [];
  });
  const ms = tests.reduce((sum, test) => sum + test.ms, 0);
  return [...counts, ...(ms > 0 ? [clock(ms)] : [])].join(', ');
}

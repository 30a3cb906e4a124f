// The tests that failed, each with what is known of it.
import { computed } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { EarlierRuns } from '../../events.ts';
import type { FileState, TestState } from '../../state/run-state.ts';
import type { Span } from '../../state/spans.ts';
import { earlierOf, failureText } from '../view/earlier.ts';
import { failures } from '../view/filter.ts';
import { statementsText } from '../view/statements.ts';
import { clock } from '../view/times.ts';
import { memo } from './memo.ts';
import { Output, Section, StatusSign } from './parts.tsx';
import { filter, model, state } from './store.ts';

/** How many are drawn until more are asked for. */
const PAGE = 25;
/** Of these the first is open. */
const OPEN = 1;

const found = computed(() => failures(state.value, filter.value));

export function Failures() {
  const [shown, setShown] = useState(PAGE);
  const all = found.value;
  if (all.length === 0) return null;
  return (
    <Section title="Failures" id="failures" count={all.length}>
      {all.slice(0, shown).map(({ file, test }, index) => (
        <Card
          key={`${file.project} ${test.id}`}
          file={file}
          test={test}
          earlier={earlierOf(state.value.earlier, test)}
          isOpen={index < OPEN}
        />
      ))}
      {all.length > shown ? (
        <button type="button" onClick={() => setShown(shown + PAGE)}>
          Show {Math.min(PAGE, all.length - shown)} more
        </button>
      ) : null}
    </Section>
  );
}

interface CardProps {
  readonly file: FileState;
  readonly test: TestState;
  readonly earlier: EarlierRuns | undefined;
  readonly isOpen: boolean;
}

const Card = memo(({ file, test, earlier, isOpen }: CardProps) => {
  const place = test.errors.find(({ at }) => at)?.at ?? file.file;
  const where = [file.project && `[${file.project}]`, place].filter(Boolean).join(' ');
  const facts = [
    test.slot === undefined ? '' : `slot ${test.slot}`,
    test.attempts > 1 ? `${test.attempts} attempts` : '',
    test.moves > 0 ? `moved ${test.moves}×` : '',
    clock(test.ms),
    test.statements ? statementsText(test.statements) : '',
    failureText(earlier) ?? '',
  ];
  return (
    <details class={`card ${test.status}`} open={isOpen}>
      <summary>
        <StatusSign status={test.status} />
        <span class="name">{test.titlePath.join(' › ')}</span>
        <span class="quiet where">{where}</span>
        <span class="quiet">{facts.filter(Boolean).join(', ')}</span>
      </summary>
      {test.details.length > 0 ? (
        <dl class="details">
          {test.details.map(({ about, text }) => (
            <div key={about}>
              <dt>{about}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {test.errors.length === 0 ? <p class="quiet">Playwright reported no error for it.</p> : null}
      {test.errors.map(({ message }, index) => (
        <Output key={index} lines={[message]} label={`Error ${index + 1} of ${test.title}`} />
      ))}
      <Stack id={test.id} />
    </details>
  );
});

const KINDS = new Set<Span['kind']>([
  'crash',
  'late writes',
  'fresh clone',
  'rewind',
  'wait',
  'lock',
  'restart',
  'worktree',
]);

/** What happened on its stack, in the order in which it happened. */
function Stack({ id }: { readonly id: string }) {
  const spans = Object.values(model.value.timeline.lanes).flatMap((lane) =>
    lane.filter((span) => span.test === id && KINDS.has(span.kind)),
  );
  if (spans.length === 0) return null;
  return (
    <ul class="happened" aria-label="On its stack">
      {spans.map((span) => (
        <li key={`${span.kind} ${span.from} ${span.title}`}>
          <b>{span.kind === 'wait' || span.kind === 'lock' ? `${span.kind}: ${span.title}` : span.kind}</b>
          {span.to > span.from ? <span class="clock">{clock(span.to - span.from)}</span> : null}
          <span class="quiet">{span.detail ?? ''}</span>
        </li>
      ))}
    </ul>
  );
}

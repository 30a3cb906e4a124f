// Locks, conflicts, and why a run is broken.
import { Output, Section, Since } from './parts.tsx';
import { missing, state, unreadableWhy } from './store.ts';

export function Broken() {
  const { broken } = state.value;
  if (broken === undefined) return null;
  return (
    <section class="broken" aria-label="The run is broken">
      <h2>The run is broken</h2>
      <Output lines={[broken]} label="Why the run is broken" />
    </section>
  );
}

export function Locks() {
  const locks = Object.values(state.value.locks);
  if (locks.length === 0) return null;
  return (
    <Section title="Locks" id="locks" count={locks.length}>
      <ul class="locks">
        {locks.map(({ name, holders, waiting }) => (
          <li key={name}>
            <b>{name}</b> {holders.length === 0 ? <span class="quiet">held by another run, or free</span> : null}
            {holders.map(({ slot, worker, mode, since, test }) => (
              <span key={`${worker} ${test?.id}`} class="holder">
                slot {slot} {mode === 'read' ? 'reads' : 'has it'} for <Since at={since} />
                {test ? <span class="quiet"> “{test.title}”</span> : null}
              </span>
            ))}
            {waiting.length > 0 ? (
              <span class="quiet">
                {waiting.length} waiting: {waiting.map(({ slot }) => `slot ${slot}`).join(', ')}
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Conflicts() {
  const { conflicts } = state.value;
  if (!conflicts || conflicts.length === 0) return null;
  return (
    <Section title="Conflicts" id="conflicts" count={conflicts.length}>
      <ul>
        {conflicts.map(({ files, slots, commits }) => (
          <li key={commits.join()}>
            <b>{files.join(', ')}</b> <span class="quiet">slots {slots.join(' and ')}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Of a merged report; or why this one cannot be shown. */
export function Missing() {
  const all = unreadableWhy.value === undefined ? missing.value : [unreadableWhy.value];
  if (all.length === 0) return null;
  const title = unreadableWhy.value === undefined ? 'Not in this report' : 'This report cannot be shown';
  return (
    <section class="broken" aria-label={title}>
      <h2>{title}</h2>
      <Output lines={all} label={title} />
    </section>
  );
}

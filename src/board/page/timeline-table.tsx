// What of the timeline is in sight, as a table.
import { useState } from 'preact/hooks';
import { clock } from '../view/times.ts';
import { inSight } from '../view/viewport.ts';
import { state } from './store.ts';
import { lanes, view } from './timeline-view.ts';

/** Rows that are drawn at most: the table has what is in sight. */
const ROWS = 200;

export function Table() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="table" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen ? <Rows /> : null}
    </details>
  );
}

function Rows() {
  const all = lanes.value
    .flatMap(({ name, spans }) => inSight(spans, view.value).map((span) => ({ name, span })))
    .sort((one, other) => one.span.from - other.span.from);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section class="rows" aria-label="Timeline as a table" tabIndex={0}>
      <table>
        <caption>{all.length > ROWS ? `The last ${ROWS} of ${all.length} in sight` : `${all.length} in sight`}</caption>
        <thead>
          <tr>
            {['Lane', 'What', 'Title', 'Began', 'Took', 'More'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.slice(-ROWS).map(({ name, span }) => (
            <tr key={`${name} ${span.kind} ${span.from} ${span.title}`}>
              <td>{name}</td>
              <td>{span.kind === 'test' ? `test ${span.outcome ?? 'running'}` : span.kind}</td>
              <td>{span.title}</td>
              <td class="clock">{clock(span.from - state.value.startedAt)}</td>
              <td class="clock">{clock(span.to - span.from)}</td>
              <td class="quiet">{span.detail ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

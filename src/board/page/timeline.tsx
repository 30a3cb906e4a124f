// The timeline: as a picture, and the same as a table.
import { clock } from '../view/times.ts';
import { Section } from './parts.tsx';
import { state } from './store.ts';
import { Picture } from './timeline-picture.tsx';
import { Table } from './timeline-table.tsx';
import { chosenView, lanes, panBy, pointed, zoomBy } from './timeline-view.ts';

export function Timeline() {
  if (lanes.value.length === 0) return null;
  return (
    <Section title="Timeline" id="timeline">
      <div class="tools">
        <button type="button" class="small" aria-label="Zoom in" onClick={() => zoomBy(1.6)}>
          +
        </button>
        <button type="button" class="small" aria-label="Zoom out" onClick={() => zoomBy(1 / 1.6)}>
          −
        </button>
        <button type="button" class="small" aria-label="Earlier" onClick={() => panBy(-0.4)}>
          ‹
        </button>
        <button type="button" class="small" aria-label="Later" onClick={() => panBy(0.4)}>
          ›
        </button>
        <button type="button" class="small" onClick={() => (chosenView.value = undefined)}>
          all
        </button>
        <Legend />
      </div>
      <Picture />
      <Pointed />
      <Table />
    </Section>
  );
}

const LEGEND = [
  ['passed', 'test'],
  ['failed', 'failed'],
  ['flaky', 'flaky, late writes, restart'],
  ['boot', 'opening, steps'],
  ['rewind', 'rewind'],
  ['clone', 'fresh clone'],
  ['lock', 'lock'],
  ['wait', 'waiting'],
] as const;

function Legend() {
  return (
    <ul class="legend" aria-label="Colours">
      {LEGEND.map(([colour, meaning]) => (
        <li key={colour}>
          <span class={`key ${colour === 'wait' ? 'hatched' : ''}`} style={{ background: `var(--${colour})` }} />
          {meaning}
        </li>
      ))}
    </ul>
  );
}

/** What is pointed at, also for those who hear it. */
function Pointed() {
  const { lane, span } = pointed.value ?? {};
  return (
    <output class="pointed">
      {lane === undefined ? <span class="quiet">Ctrl and the wheel zoom; drag to move</span> : <b>{lane}</b>}
      {span ? (
        <>
          <span>
            {span.kind === 'test' ? (span.outcome ?? 'running') : span.kind}: {span.title}
          </span>
          <span class="clock">
            {clock(span.to - span.from)} at {clock(span.from - state.value.startedAt)}
          </span>
          <span class="quiet">{span.detail ?? ''}</span>
        </>
      ) : null}
    </output>
  );
}

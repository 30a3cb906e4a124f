// The page: the live board, or a report with its data inside.
import { render } from 'preact';
import { DATA_ID } from '../report/report-data.ts';
import { connect } from './connect.ts';
import { Failures } from './failures.tsx';
import { Header } from './header.tsx';
import { Broken, Conflicts, Locks, Missing } from './others.tsx';
import { Stacks } from './stacks.tsx';
import { showReport } from './store.ts';
import { Tests } from './tests.tsx';
import { Timeline } from './timeline.tsx';
import { Waiting } from './waiting.tsx';
import './style.css';

function Board() {
  return (
    <>
      <Header />
      <main>
        <Missing />
        <Broken />
        <Waiting />
        <Failures />
        <Stacks />
        <Timeline />
        <Locks />
        <Conflicts />
        <Tests />
      </main>
    </>
  );
}

document.addEventListener('keydown', (event) => {
  const { target, key } = event;
  const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  const search = document.getElementById('search');
  if (key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey || !search) return;
  event.preventDefault();
  search.focus();
});

const root = document.getElementById('board');
if (root) {
  render(<Board />, root);
  const data = document.getElementById(DATA_ID);
  if (data) showReport(JSON.parse(data.textContent ?? ''));
  else connect();
}

// The page: the live board, or a report with its data inside.
import { render } from 'preact';
import { connect } from './connect.ts';
import { Failures } from './failures.tsx';
import { Header } from './header.tsx';
import { Broken, Conflicts, Locks } from './others.tsx';
import { Stacks } from './stacks.tsx';
import { Tests } from './tests.tsx';
import { Timeline } from './timeline.tsx';
import { Waiting } from './waiting.tsx';
import './style.css';

function Board() {
  return (
    <>
      <Header />
      <main>
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
  connect();
}

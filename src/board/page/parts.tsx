// Small things that the page is made of.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { TestState } from '../../state/run-state.ts';
import { clock } from '../view/times.ts';
import { now } from './store.ts';

type Status = TestState['status'];

const SIGNS: Readonly<Record<Status, string>> = {
  ...{ failed: '✕', flaky: '≈', passed: '✓', running: '▸', waiting: '·', skipped: '−', cancelled: '⊘' },
};

/** A sign and a colour: never the colour alone. */
export function StatusSign({ status }: { readonly status: Status }) {
  return (
    <span class={`sign ${status}`} role="img" aria-label={status}>
      {SIGNS[status]}
    </span>
  );
}

/** A clock that runs. */
export function Since({ at }: { readonly at: number }) {
  return <time class="clock">{clock(now.value - at)}</time>;
}

export function Section({
  title,
  count,
  children,
  id,
}: {
  readonly title: string;
  readonly count?: string | number | undefined;
  readonly children: ComponentChildren;
  readonly id: string;
}) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>
        {title}
        {count === undefined ? null : <span class="count">{count}</span>}
      </h2>
      {children}
    </section>
  );
}

/** Copies a command; where the browser does not allow that, it is shown to be copied by hand. */
export function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [result, setResult] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setResult('copied');
    } catch {
      setResult(text); // No clipboard in a file, or none that a page may write to.
    }
  };
  return (
    <span class="copy">
      <button type="button" class="small" title={text} onClick={() => void copy()}>
        {label}
      </button>
      <output>{result}</output>
    </span>
  );
}

/** Text of others: as it is, never more than text. */
export function Output({ lines, label }: { readonly lines: readonly string[]; readonly label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section class="output" tabIndex={0} aria-label={label}>
      <pre>{lines.join('\n')}</pre>
    </section>
  );
}

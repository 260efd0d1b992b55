/** A log finding: the template, and a line of it as it stands in a run, with the way there. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Comparison, FindingSubject } from '#shared/analysis/comparison.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { inertText } from '../../components/inert-text.ts';
import { lineFinder, type FoundLine } from './finders.ts';
import { findRecord, openAt } from './jump.ts';
import style from './evidence.module.css';
import { useStores } from '../../stores/context.ts';

type LogSubject = Extract<FindingSubject, { readonly kind: 'log' }>;

type Example =
  { readonly kind: 'looking' } | { readonly kind: 'found'; readonly line: FoundLine } | { readonly kind: 'none'; readonly reason: string };

/** The first such line of a run. */
function useExample(run: RunId | null, component: string, template: string): Example {
  const stores = useStores();
  const key = `${run ?? ''}\n${component}\n${template}`;
  const [known, setKnown] = useState<{ readonly key: string; readonly example: Example } | null>(null);
  useEffect(() => {
    if (run === null) return;
    const ended = new AbortController();
    let line: FoundLine | null = null;
    const tell = (example: Example) => {
      if (!ended.signal.aborted) setKnown({ key, example });
    };
    const finder = lineFinder(component, template, (found) => {
      line = found;
    });
    findRecord(stores, run, finder, ended.signal).then(
      () => tell(line ? { kind: 'found', line } : { kind: 'none', reason: 'The log of this run has no such line any more.' }),
      (failure: unknown) => tell({ kind: 'none', reason: problemOf(failure).message }),
    );
    return () => ended.abort();
  }, [key, run, component, template]);
  if (run === null) return { kind: 'none', reason: 'No run of the baseline is known to have it.' };
  return known?.key === key ? known.example : { kind: 'looking' };
}

export function LogEvidence({ subject, comparison }: { readonly subject: LogSubject; readonly comparison: Comparison }) {
  const stores = useStores();
  const { component, severity, template, change } = subject;
  const { candidate, baseline } = comparison;
  // What is gone can only be seen where it was: in the baseline's latest run.
  const run = change === 'gone' ? (baseline.toSorted((one, other) => other.startedAt - one.startedAt)[0]?.run ?? null) : candidate.run;
  const example = useExample(run, component, template);
  return (
    <section aria-labelledby="evidence-log">
      <h3 id="evidence-log">
        Log of {inertText(component)}, {severity}
      </h3>
      <p className={style['template']}>
        <code>{inertText(template)}</code>
      </p>
      {example.kind === 'looking' && <p className="muted">Looking for a line of it …</p>}
      {example.kind === 'none' && <p className="muted">{example.reason}</p>}
      {example.kind === 'found' && (
        <div className={style['example']}>
          <div>
            <span className="muted">First line of it in {change === 'gone' ? 'the latest baseline run' : 'the candidate'}</span>
            <code>{inertText(example.line.text)}</code>
          </div>
          <Button onClick={() => run !== null && openAt(stores, run, example.line.sequence)}>Open there</Button>
        </div>
      )}
    </section>
  );
}

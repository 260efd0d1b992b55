/** The Compare view: what is compared, the verdict, what changed, and the evidence of it. */
import { Button, Loader } from '@mantine/core';
import { IconCopy, IconFileExport } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { EmptyState } from '../../components/empty-state.tsx';
import { Middle, Page } from '../../components/page.tsx';
import { Toolbar } from '../../components/toolbar.tsx';
import { createActions } from '../../stores/actions.ts';
import { createArchivedRuns, useArchivedRuns, type ArchivedRun } from '../../stores/archived-runs.ts';
import { createComparison, effectiveChoice, useComparison, type ComparedWork, type ComparisonWork } from '../../stores/comparison.ts';
import { candidateOf, commandOf, missingOf } from '../../stores/comparison-choice.ts';
import { useConnectionGeneration, useRemarks } from '../../stores/remarks.ts';
import { createRunSession, useRunSession } from '../../stores/run-session.ts';
import { explainedFindings } from '../decisions/decision-words.ts';
import { Chooser } from './chooser.tsx';
import { compareActions } from './compare-actions.ts';
import { EvidencePanel } from './evidence-panel.tsx';
import { stepsByKey } from './finding-rows.ts';
import { FindingsPanel } from './findings-panel.tsx';
import { Comparing, Head } from './head.tsx';
import { NothingToCompare } from './nothing-to-compare.tsx';
import { StepsPanel } from './steps-table.tsx';
import style from './compare.module.css';
import { useStores } from '../../stores/context.ts';

function ComparisonTools({ runs, candidate }: { readonly runs: readonly ArchivedRun[]; readonly candidate: ArchivedRun | null }) {
  const { performAction } = useStores().get(createActions);
  const canExport = useComparison(({ work, reporting }) => work.kind === 'compared' && !reporting);
  const reporting = useComparison((state) => state.reporting);
  return (
    <Toolbar label="What is compared">
      <Chooser runs={runs} candidate={candidate} />
      <span className="rest" />
      <Button leftSection={<IconCopy size={14} />} disabled={candidate === null} onClick={() => performAction('compare.copy')}>
        Copy
      </Button>
      <Button
        leftSection={<IconFileExport size={14} />}
        disabled={!canExport}
        loading={reporting}
        onClick={() => performAction('compare.report')}
      >
        Export report…
      </Button>
    </Toolbar>
  );
}

interface ContentProps {
  readonly compared: ComparedWork;
  /** Since when (ms since 1970) something newer is being compared; null: what is shown is what was chosen. */
  readonly comparing: number | null;
}

function Content({ compared: { asked, comparison }, comparing }: ContentProps) {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const filterInput = useRef<HTMLInputElement>(null);
  const evidence = useRef<HTMLElement>(null);
  useEffect(
    () =>
      registerActions(compareActions(stores, { filter: () => filterInput.current?.select(), evidence: () => evidence.current?.focus() })),
    [],
  );
  const steps = useMemo(() => stepsByKey(comparison.steps), [comparison]);
  const remarks = useRemarks(comparison.candidate.run);
  const explained = useMemo(() => explainedFindings(remarks ?? []), [remarks]);
  return (
    <>
      <Head comparison={comparison} command={commandOf(asked.candidate, asked.baseline)} comparing={comparing} />
      <div className={style['content']} aria-busy={comparing !== null}>
        <div className={style['left']}>
          <FindingsPanel comparison={comparison} steps={steps} explained={explained} filterInput={filterInput} />
          {comparison.steps.length > 0 && <StepsPanel steps={comparison.steps} candidate={comparison.candidate.run} />}
        </div>
        <EvidencePanel comparison={comparison} steps={steps} explained={explained} frame={evidence} />
      </div>
    </>
  );
}

function Work({ work }: { readonly work: ComparisonWork }) {
  const { compareChosen } = useStores().get(createComparison);
  switch (work.kind) {
    case 'nothing':
      return null;
    case 'comparing':
      if (work.before) return <Content compared={work.before} comparing={work.since} />;
      return (
        <Middle>
          <Comparing since={work.since} />
        </Middle>
      );
    case 'cancelled':
      return (
        <EmptyState title="The comparison was cancelled">
          <Button onClick={() => compareChosen(true)}>Compare again</Button>
        </EmptyState>
      );
    case 'failed':
      return (
        <EmptyState title="These runs could not be compared">
          <p>{work.problem.message}</p>
          {work.problem.tip !== undefined && <p>{work.problem.tip}</p>}
          <Button onClick={() => compareChosen(true)}>Compare again</Button>
        </EmptyState>
      );
    case 'compared':
      return <Content compared={work} comparing={null} />;
  }
}

export function CompareView() {
  const stores = useStores();
  const { finishedRun } = stores.get(createRunSession);
  const { followArchivedRuns } = stores.get(createArchivedRuns);
  const comparisonStore = stores.get(createComparison);
  const { followChoice, findUsual, compareChosen } = comparisonStore;
  const generation = useConnectionGeneration();
  const runs = useArchivedRuns((state) => state.runs);
  const choice = useComparison(useShallow(effectiveChoice));
  const work = useComparison((state) => state.work);
  const shown = useRunSession(finishedRun);
  useEffect(() => (generation === null ? undefined : followArchivedRuns()), [generation]);
  useEffect(followChoice, []);
  useEffect(() => {
    findUsual();
    compareChosen();
  }, [shown]);
  useEffect(() => {
    // What was lost with the connection is asked for again.
    const { work: now } = comparisonStore.getState();
    if (generation !== null && now.kind === 'failed' && now.problem.code === 'core-gone') compareChosen(true);
  }, [generation]);
  if (runs === null) {
    return (
      <Middle label="Reading the archive">
        <Loader size={16} />
      </Middle>
    );
  }
  const candidate = candidateOf(choice, runs, null);
  const missing = missingOf(choice, candidate, runs);
  return (
    <Page>
      <ComparisonTools runs={runs} candidate={candidate} />
      {missing ? <NothingToCompare missing={missing} candidate={candidate} runs={runs} /> : <Work work={work} />}
    </Page>
  );
}

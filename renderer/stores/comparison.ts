/** The comparison that the Compare view shows: its choice (remembered for the workspace), the work, and what of it is looked at. */
import { createStore } from 'zustand/vanilla';
import type { Comparison, Finding } from '#shared/analysis/comparison.ts';
import type { Baseline } from '#shared/contract/history.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { saveText } from '../transport/host.ts';
import { createArchivedRuns } from './archived-runs.ts';
import {
  candidateOf,
  choiceOf,
  commandOf,
  comparisonChoiceSchema,
  isAbout,
  missingOf,
  usualChoice,
  type ComparisonChoice,
} from './comparison-choice.ts';
import { createLayout } from './layout.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export { isComparable } from './comparison-choice.ts';

export const findingKinds = ['Verdict', 'Checks', 'Steps', 'Faults', 'Metrics', 'Logs', 'Components'] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface FindingFilter {
  readonly text: string;
  readonly kind: FindingKind | null;
  readonly status: Finding['status'] | null;
  /** Key of a step; null: all of them. */
  readonly step: string | null;
  /** Leaves out findings whose cause somebody has told. */
  readonly hideExplained: boolean;
}

export const everyFinding: FindingFilter = { text: '', kind: null, status: null, step: null, hideExplained: false };

/** What was asked for; an answer belongs to it as long as it is the same. */
export interface AskedComparison {
  readonly candidate: RunId;
  readonly baseline: Baseline;
}

export interface ComparedWork {
  readonly kind: 'compared';
  readonly asked: AskedComparison;
  readonly comparison: Comparison;
}

/** `before`: what was shown before, and is until the answer comes. `since`: ms since 1970. */
export type ComparisonWork =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'comparing'; readonly asked: AskedComparison; readonly since: number; readonly before: ComparedWork | null }
  | { readonly kind: 'cancelled'; readonly asked: AskedComparison }
  | { readonly kind: 'failed'; readonly asked: AskedComparison; readonly problem: Problem }
  | ComparedWork;

interface ComparisonState {
  readonly choice: ComparisonChoice;
  /**
   * The candidate while none is chosen: the run that the Run view shows, else the latest when one began to look. A run that ends
   * meanwhile does not take its place.
   */
  readonly usual: RunId | null;
  readonly work: ComparisonWork;
  readonly filter: FindingFilter;
  /** Identifier of the finding whose evidence is shown. */
  readonly finding: string | null;
  /** Which of the places where it differs is shown; null: the most telling one. */
  readonly place: number | null;
  /** Findings whose other places are listed. */
  readonly expanded: ReadonlySet<string>;
  /** A report is being made. */
  readonly reporting: boolean;
}

const section = 'compare';

export function createComparison(stores: Stores) {
  const { setLayoutSection, followLayoutSection } = stores.get(createLayout);
  const archivedRuns = stores.get(createArchivedRuns);
  const { finishedRun } = stores.get(createRunSession);
  const session = stores.get(createSession);
  const { currentCore, inform, notify } = session;

  const comparisonStore = createStore<ComparisonState>(() => ({
    choice: usualChoice,
    usual: null,
    work: { kind: 'nothing' },
    filter: everyFinding,
    finding: null,
    place: null,
    expanded: new Set(),
    reporting: false,
  }));

  /** Changes the choice, and remembers it. */
  function setChoice(change: Partial<ComparisonChoice>): void {
    const choice = { ...comparisonStore.getState().choice, ...change };
    comparisonStore.setState({ choice });
    setLayoutSection(section, choice);
    if (choice.candidate === null) findUsual();
    compareChosen();
  }

  /** Looks which run is the candidate while none is chosen. */
  function findUsual(): void {
    const runs = archivedRuns.getState().runs ?? [];
    comparisonStore.setState({ usual: candidateOf(usualChoice, runs, finishedRun())?.run ?? null });
  }

  /** Takes the workspace's choice over; returns the end of following it. */
  function followChoice(): () => void {
    const stopLayout = followLayoutSection(section, comparisonChoiceSchema, (remembered, isFirst) => {
      // A choice that was made before the view was there, such as in the archive, stands in the layout already.
      if (remembered) comparisonStore.setState({ choice: remembered });
      else if (!isFirst) comparisonStore.setState({ choice: usualChoice });
      findUsual();
      compareChosen();
    });
    const unsubscribe = [
      stopLayout,
      archivedRuns.subscribe(({ runs }, before) => {
        if (runs === before.runs) return;
        const { usual, work } = comparisonStore.getState();
        if (work.kind === 'nothing' || !runs?.some(({ run }) => run === usual)) findUsual();
        compareChosen();
      }),
    ];
    return () => unsubscribe.forEach((end) => end());
  }

  /** Shows the comparison of these runs: the newest against the others; one alone against the usual baseline. */
  function compareRuns(runs: readonly { readonly run: RunId; readonly startedAt: number }[]): void {
    setChoice(choiceOf(runs));
    session.setState({ view: 'compare' });
  }

  /** What the choice stands for now; null while there is nothing to compare, or nothing is known. */
  function askedNow(): AskedComparison | null {
    const choice = effectiveChoice(comparisonStore.getState());
    const { runs } = archivedRuns.getState();
    if (runs === null) return null;
    const candidate = candidateOf(choice, runs, null);
    if (candidate === null || missingOf(choice, candidate, runs) !== null) return null;
    return { candidate: candidate.run, baseline: choice.baseline };
  }

  /** Runs whose decisions make the baseline; a comparison is old when they changed. */
  function baselineKey({ baseline }: AskedComparison): string {
    if (baseline.kind !== 'accepted') return '';
    return (archivedRuns.getState().runs ?? []).flatMap(({ run, decision }) => (decision === 'accepted' ? [run] : [])).join(' ');
  }

  let answeredKey = '';

  /** Compares what is chosen, unless just that was compared. `anew`: even then. */
  function compareChosen(anew = false): void {
    const asked = askedNow();
    const { work } = comparisonStore.getState();
    if (asked === null) {
      if (work.kind !== 'nothing' && archivedRuns.getState().runs !== null) comparisonStore.setState({ work: { kind: 'nothing' } });
      return;
    }
    const key = JSON.stringify(asked) + baselineKey(asked);
    if (!anew && work.kind !== 'nothing' && key === answeredKey) return;
    answeredKey = key;
    void compare(asked);
  }

  async function compare(asked: AskedComparison): Promise<void> {
    const core = currentCore();
    if (!core) return;
    const work: ComparisonWork = { kind: 'comparing', asked, since: Date.now(), before: shownWork() };
    comparisonStore.setState({ work });
    /** Another comparison was asked for, or this one given up. */
    const isVoid = () => comparisonStore.getState().work !== work;
    try {
      const comparison = await core.request('runs.compare', asked);
      if (!isVoid()) show(asked, comparison);
    } catch (failure) {
      if (!isVoid()) comparisonStore.setState({ work: { kind: 'failed', asked, problem: problemOf(failure) } });
    }
  }

  function show(asked: AskedComparison, comparison: Comparison): void {
    const { finding, filter } = comparisonStore.getState();
    const still = comparison.findings.find(({ id }) => id === finding) ?? comparison.findings[0];
    const step = comparison.steps.some(({ key }) => key === filter.step) ? filter.step : null;
    comparisonStore.setState({
      work: { kind: 'compared', asked, comparison },
      finding: still?.id ?? null,
      place: null,
      filter: { ...filter, step },
    });
  }

  /** Gives the comparison up: its answer is not waited for any more. */
  function cancelComparison(): void {
    const { work } = comparisonStore.getState();
    if (work.kind === 'comparing') comparisonStore.setState({ work: { kind: 'cancelled', asked: work.asked } });
  }

  function setFindingFilter(change: Partial<FindingFilter>): void {
    comparisonStore.setState((state) => ({ filter: { ...state.filter, ...change } }));
  }

  /** Shows only what is about a step, and the first of it; null: everything again. */
  function selectStep(step: string | null): void {
    setFindingFilter({ step });
    if (step === null) return;
    const findings = shownWork()?.comparison.findings ?? [];
    const about = findings.filter((finding) => isAbout(finding, step));
    const { finding } = comparisonStore.getState();
    if (!about.some(({ id }) => id === finding) && about[0]) selectFinding(about[0].id);
  }

  /** Shows the evidence of a finding, in its most telling place or in another. */
  function selectFinding(finding: string | null, place: number | null = null): void {
    comparisonStore.setState({ finding, place });
  }

  function setExpanded(finding: string, isExpanded: boolean): void {
    const expanded = new Set(comparisonStore.getState().expanded);
    if (isExpanded) expanded.add(finding);
    else expanded.delete(finding);
    comparisonStore.setState({ expanded });
  }

  /** The comparison that is shown; null while there is none. */
  function shownWork(): ComparedWork | null {
    const { work } = comparisonStore.getState();
    if (work.kind === 'compared') return work;
    return work.kind === 'comparing' ? work.before : null;
  }

  /** Makes the report of the shown comparison and gives it to the operator as a file. */
  async function exportComparison(): Promise<void> {
    const shown = shownWork();
    const core = currentCore();
    if (!shown || !core || comparisonStore.getState().reporting) return;
    comparisonStore.setState({ reporting: true });
    try {
      const file = await core.request('report.text', { subject: { kind: 'comparison', ...shown.asked }, format: 'html' });
      const written = await saveText(file);
      if (written !== null) inform(`Report written to ${written}.`);
    } catch (failure) {
      notify(problemOf(failure));
    } finally {
      comparisonStore.setState({ reporting: false });
    }
  }

  /** Puts the choice on the clipboard, as a command that somebody else can run. */
  async function copyChoice(): Promise<void> {
    const asked = askedNow();
    if (!asked) return;
    try {
      await navigator.clipboard.writeText(commandOf(asked.candidate, asked.baseline));
      inform('Copied.');
    } catch {
      notify({ severity: 'warning', code: 'not-copied', message: 'The browser did not let the text be copied.' });
    }
  }

  return {
    ...comparisonStore,
    setChoice,
    findUsual,
    followChoice,
    compareRuns,
    askedNow,
    compareChosen,
    cancelComparison,
    setFindingFilter,
    selectStep,
    selectFinding,
    setExpanded,
    shownWork,
    exportComparison,
    copyChoice,
  };
}

export const useComparison = storeHook(createComparison);

/** The choice with the candidate that is taken while none is chosen. */
export function effectiveChoice({ choice, usual }: Pick<ComparisonState, 'choice' | 'usual'>): ComparisonChoice {
  return { ...choice, candidate: choice.candidate ?? usual };
}

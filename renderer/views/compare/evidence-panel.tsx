/** Why a finding is one: the values behind it, how they came about over time, the runs they come from, and what they can and cannot tell. */
import { Button, Loader } from '@mantine/core';
import { IconPlayerPlay, IconTag } from '@tabler/icons-react';
import { lazy, Suspense, type RefObject } from 'react';
import type { ComparedRun, Comparison, Finding } from '#shared/analysis/comparison.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { useComparison } from '../../stores/comparison.ts';
import type { CauseRemark } from '../decisions/decision-words.ts';
import { createDecisions } from '../decisions/index.tsx';
import { chanceText, effectText, falseAlarmText, sampleText, visibleText } from './comparison-words.ts';
import { EvidenceRuns } from './evidence-runs.tsx';
import { mostEvidenceRuns, useEvidence } from './evidence-store.ts';
import { placeText, type StepsByKey } from './finding-rows.ts';
import { CauseChip } from './findings-list.tsx';
import { openAtStep } from './jump.ts';
import { LogEvidence } from './log-evidence.tsx';
import { StepEvidence } from './step-evidence.tsx';
import style from './evidence.module.css';
import { quantityText } from '#shared/wording/quantities.ts';
import { counted } from '#shared/wording/counts.ts';
import { useStores } from '../../stores/context.ts';

const DistributionPicture = lazy(() => import('./distribution-picture.tsx'));
const OverlayChart = lazy(async () => ({ default: (await import('./overlay-chart.tsx')).OverlayChart }));

interface FindingProps {
  readonly finding: Finding;
  readonly comparison: Comparison;
  /** Key of the step that is looked at; null: the whole run. */
  readonly step: string | null;
  readonly steps: StepsByKey;
}

/** The series that a finding is about; null: it is about none. */
function seriesOf({ subject }: Finding): string | null {
  return subject.kind === 'metric' || subject.kind === 'series presence' ? subject.series : null;
}

/** The unit of a series, where the finding is about how it moves. */
function unitOfSeries({ subject, unit }: Finding) {
  if (subject.kind !== 'metric' || subject.feature !== 'trend') return unit ?? 'none';
  if (unit === 'bytes per second') return 'bytes';
  return unit === 'per second' ? 'count' : (unit ?? 'none');
}

function SeriesEvidence({ finding, comparison, step, series }: FindingProps & { readonly series: string }) {
  const { candidate, baseline } = comparison;
  const runs = [candidate, ...baseline].slice(0, mostEvidenceRuns).map(({ run }) => run);
  const evidence = useEvidence({ runs, series, step });
  const left = baseline.length + 1 - runs.length;
  return (
    <section aria-labelledby="evidence-lines">
      <h3 id="evidence-lines">
        {inertText(series)} {step === null ? 'over the whole run' : 'since the step began'}
      </h3>
      {evidence.kind === 'reading' && (
        <div className={style['reading']} role="status">
          <Loader size={14} /> Reading the runs …
        </div>
      )}
      {evidence.kind === 'failed' && <p className={style['problem']}>{evidence.message}</p>}
      {evidence.kind === 'read' && (
        <OverlayChart
          lines={evidence.lines}
          candidate={candidate.run}
          unit={unitOfSeries(finding)}
          label={`${series} of the candidate and of ${counted(runs.length - 1, 'baseline run')}, over each other`}
        />
      )}
      {left > 0 && <p className="muted">{counted(left, 'further baseline run is', 'further baseline runs are')} not drawn.</p>}
    </section>
  );
}

/** What can be read from the numbers, sentence by sentence. */
function Words({ finding, runs }: { readonly finding: Finding; readonly runs: number }) {
  const { expected, unit, candidate, baseline, status, effect } = finding;
  const sentences = [
    candidate !== null && expected
      ? `The candidate has ${quantityText(candidate, unit)}; another run of the baseline would be expected from ${quantityText(expected.low, unit)} to ${quantityText(expected.high, unit)} (median ${quantityText(expected.median, unit)}).`
      : null,
    effect !== null ? `That is ${effectText(effect)} the usual spread between runs away from the median.` : null,
    baseline.length > 0 ? sampleText(finding, runs) : null,
    chanceText(finding.p),
    falseAlarmText(finding.q),
    visibleText(finding),
    status === 'confirmed' && finding.p === null
      ? 'It is a plain fact that no run of the baseline shares; no statistics are needed.'
      : null,
    status === 'plain' ? 'It is a difference and no more: there are too few runs, or it is too small, to confirm it.' : null,
  ].filter((sentence) => sentence !== null);
  if (sentences.length === 0) return null;
  return (
    <section aria-labelledby="evidence-words">
      <h3 id="evidence-words">What this can tell</h3>
      <ul className={style['words']}>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

function Evidence({ finding, comparison, step, steps }: FindingProps) {
  const { baseline } = comparison;
  const series = seriesOf(finding);
  return (
    <>
      {finding.baseline.length > 0 && (
        <section aria-labelledby="evidence-values">
          <h3 id="evidence-values">Value of each run</h3>
          <Suspense fallback={<div className={style['distribution']} />}>
            <DistributionPicture finding={finding} baseline={baseline} />
          </Suspense>
        </section>
      )}
      {series !== null && (
        <Suspense fallback={null}>
          <SeriesEvidence finding={finding} comparison={comparison} step={step} steps={steps} series={series} />
        </Suspense>
      )}
      {finding.subject.kind === 'log' && <LogEvidence subject={finding.subject} comparison={comparison} />}
      <StepEvidence step={step === null ? undefined : steps.get(step)} />
      <Words finding={finding} runs={baseline.length} />
      <EvidenceRuns finding={finding} comparison={comparison} step={step} />
    </>
  );
}

interface EvidencePanelProps {
  readonly comparison: Comparison;
  readonly steps: StepsByKey;
  readonly explained: ReadonlyMap<string, CauseRemark>;
  readonly frame: RefObject<HTMLElement | null>;
}

export function EvidencePanel({ comparison, steps, explained, frame }: EvidencePanelProps) {
  const selected = useComparison((state) => state.finding);
  const place = useComparison((state) => state.place);
  const finding = comparison.findings.find(({ id }) => id === selected);
  const other = place === null ? undefined : finding?.also[place];
  const step = other ? other.step : (finding?.step ?? null);
  const cause = finding && explained.get(finding.id);
  return (
    <section ref={frame} className={style['panel']} aria-label="Evidence" tabIndex={0}>
      {finding ? (
        <>
          <header>
            <h2>{inertText(other?.sentence ?? finding.sentence)}</h2>
            <p className="muted">
              {inertText(placeText(step, steps))} {cause && <CauseChip cause={cause} />}
            </p>
            <Actions candidate={comparison.candidate} finding={finding} step={step} />
          </header>
          <Evidence key={finding.id} finding={finding} comparison={comparison} step={step} steps={steps} />
        </>
      ) : (
        <EmptyState title="Choose a finding">
          <p>Arrow keys move through the list; what stands behind a finding is shown here.</p>
        </EmptyState>
      )}
    </section>
  );
}

function Actions({
  candidate,
  finding,
  step,
}: {
  readonly candidate: ComparedRun;
  readonly finding: Finding;
  readonly step: string | null;
}) {
  const stores = useStores();
  const { askCause } = stores.get(createDecisions);
  return (
    <div className={style['actions']}>
      <Button leftSection={<IconPlayerPlay size={14} />} onClick={() => void openAtStep(stores, candidate.run, step)}>
        Open the candidate {step === null ? '' : 'at this step'}
      </Button>
      <Button leftSection={<IconTag size={14} />} onClick={() => askCause([candidate.run], finding)}>
        Tell the cause…
      </Button>
    </div>
  );
}

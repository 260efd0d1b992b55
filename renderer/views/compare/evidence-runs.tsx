/** The runs behind a finding, each with its value and a way into it. */
import { Button } from '@mantine/core';
import type { ComparedRun, Comparison, Finding } from '#shared/analysis/comparison.ts';
import { inertText } from '../../components/inert-text.ts';
import { VerdictLabel } from '../../components/verdict-label.tsx';
import { openAtStep } from './jump.ts';
import style from './evidence.module.css';
import { useStores } from '../../stores/context.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';

interface EvidenceRunsProps {
  readonly finding: Finding;
  readonly comparison: Comparison;
  readonly step: string | null;
}

export function EvidenceRuns({ finding, comparison, step }: EvidenceRunsProps) {
  const { candidate, baseline } = comparison;
  const values = new Map(finding.baseline.map(({ run, value }) => [run, value]));
  const newestFirst = baseline.toSorted((one, other) => other.startedAt - one.startedAt);
  return (
    <section aria-labelledby="evidence-runs">
      <h3 id="evidence-runs">Runs behind it</h3>
      <table className={style['runs']}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Release</th>
            <th scope="col">Verdict</th>
            <th scope="col" className="number">
              Value
            </th>
            <th scope="col">Open</th>
          </tr>
        </thead>
        <tbody>
          <Row run={candidate} value={finding.candidate} finding={finding} step={step} isCandidate />
          {newestFirst.map((run) => (
            <Row key={run.run} run={run} value={values.get(run.run) ?? null} finding={finding} step={step} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly run: ComparedRun;
  readonly value: number | null;
  readonly finding: Finding;
  readonly step: string | null;
  readonly isCandidate?: true;
}

function Row({ run, value, finding, step, isCandidate }: RowProps) {
  const stores = useStores();
  return (
    <tr data-candidate={isCandidate}>
      <td title={run.run}>
        {exactDateAndTime(run.startedAt)}
        {isCandidate && ' (candidate)'}
      </td>
      <td>{inertText(run.release)}</td>
      <td>
        <VerdictLabel verdict={run.outcome} />
      </td>
      <td className="number">{quantityText(value, finding.unit)}</td>
      <td>
        <Button
          variant="subtle"
          size="small"
          aria-label={`${step === null ? 'open' : 'at this step'}: ${run.run}`}
          onClick={() => void openAtStep(stores, run.run, step)}
        >
          {step === null ? 'open' : 'at this step'}
        </Button>
      </td>
    </tr>
  );
}

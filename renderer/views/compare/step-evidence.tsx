/** What happened in the step that a finding is about: its state and duration, in the candidate and in the baseline's runs. */
import type { ComparedStep } from '#shared/analysis/comparison.ts';
import { inertText } from '../../components/inert-text.ts';
import { isOtherState, sideText, statesText } from './step-rows.ts';
import style from './evidence.module.css';
import { durationText } from '#shared/wording/durations.ts';
import { counted } from '#shared/wording/counts.ts';

export function StepEvidence({ step }: { readonly step: ComparedStep | undefined }) {
  if (!step) return null;
  const { candidate, baseline } = step;
  const side = sideText(step);
  return (
    <section aria-labelledby="evidence-step">
      <h3 id="evidence-step">The step</h3>
      <p>
        <code>{inertText(step.text.trim())}</code>
        <span className="muted">
          {' '}
          {inertText(step.scenario)}, line {step.line + 1}
          {side !== null && `, ${side}`}
        </span>
      </p>
      <table className={style['runs']}>
        <thead>
          <tr>
            <th scope="col">Side</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>Candidate</td>
            <td className={isOtherState(step) ? style['other'] : undefined}>{candidate?.state ?? 'not executed'}</td>
            <td className="number">{durationText(candidate?.duration ?? null)}</td>
          </tr>
          <tr>
            <td>Baseline{baseline && `, ${counted(baseline.runs, 'run')}`}</td>
            <td>{baseline ? statesText(baseline) : 'not executed'}</td>
            <td className="number">
              {durationText(baseline?.duration ?? null)}
              {baseline?.range && ` (${durationText(baseline.range.low)} to ${durationText(baseline.range.high)})`}
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

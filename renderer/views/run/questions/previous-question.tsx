/** How did the system behave with the previous release candidate? */
import { IconStopwatch } from '@tabler/icons-react';
import type { PreviousAnswer, StepComparison } from '#shared/run/questions/previous.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import { inertText } from '../../../components/inert-text.ts';
import { createTimeAxis } from '../../../stores/time-axis.ts';
import { QuestionSection, type Tone } from './question-section.tsx';
import style from './questions.module.css';
import { useStores } from '../../../stores/context.ts';
import { differenceText, durationText } from '#shared/wording/durations.ts';
import { changeText, quantityText } from '#shared/wording/quantities.ts';
import { counted } from '#shared/wording/counts.ts';

type Compared = Extract<PreviousAnswer, { kind: 'compared' }>;

function summary(answer: PreviousAnswer, known: boolean, scenario: string | null): { readonly text: string; readonly tone: Tone } {
  if (answer.kind === 'no comparable run' && known && scenario === null)
    return { text: 'No scenario is in front to look up earlier runs of.', tone: 'muted' };
  if (answer.kind === 'no comparable run')
    return { text: known ? `No comparable run. ${answer.reason}` : 'Looking for earlier runs …', tone: 'muted' };
  if (isEmpty(answer)) return { text: waiting(answer), tone: 'plain' };
  const outcomes = Object.entries(answer.outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  const different = answer.steps.filter(differs).length;
  const text = `${answer.release}: ${outcomes.join(', ')}${different > 0 ? `; ${counted(different, 'step')} ended differently` : ''}`;
  return { text, tone: different > 0 ? 'warn' : 'plain' };
}

/** Before the run there is nothing to compare yet; how many earlier runs there are is told. */
function waiting({ reason, outcomes }: Compared): string {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return `To compare with: ${inertText(reason)} (${counts.join(', ')})`;
}

function isEmpty({ steps, faults }: Compared): boolean {
  return steps.length === 0 && faults.length === 0;
}

function differs({ state, usual }: StepComparison): boolean {
  return usual !== null && state !== 'running' && state !== usual;
}

/** `+120 ms`, `−1.20 s`; nothing for differences under a tenth and under 10 ms. */
export function difference(now: number | null, before: number | null): string {
  if (now === null || before === null) return '';
  const change = now - before;
  if (Math.abs(change) < 10 || Math.abs(change) < before / 10) return '≈';
  return differenceText(change);
}

export function PreviousQuestion(props: { readonly answer: PreviousAnswer; readonly known: boolean; readonly scenario: string | null }) {
  const { text, tone } = summary(props.answer, props.known, props.scenario);
  return (
    <QuestionSection question="How did the system behave with the previous release candidate?" answer={text} tone={tone}>
      {props.answer.kind === 'compared' && !isEmpty(props.answer) && <Comparison answer={props.answer} />}
    </QuestionSection>
  );
}

function Comparison({ answer }: { readonly answer: Compared }) {
  const { selectExecution } = useStores().get(createTimeAxis);
  return (
    <table className={style['table']}>
      <caption>
        Median of {answer.runs.length} {answer.accepted ? 'accepted ' : ''}run{answer.runs.length > 1 ? 's' : ''} of {answer.release}
        <span className={style['reason']}>Compared with {inertText(answer.reason)}.</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">Now</th>
          <th scope="col">Before</th>
          <th scope="col">Difference</th>
        </tr>
      </thead>
      <tbody>
        {answer.faults.map((fault, index) => (
          <tr key={`fault ${index}`}>
            <th scope="row" title={fault.text}>
              <IconStopwatch size={12} aria-label="Recovery of" /> {fault.text}
            </th>
            <td>{durationText(fault.recovered)}</td>
            <td>{durationText(fault.before)}</td>
            <td>{difference(fault.recovered, fault.before)}</td>
          </tr>
        ))}
        {answer.steps.map((step) => (
          <tr key={step.execution} data-tone={differs(step) ? 'warn' : undefined}>
            <th scope="row" title={step.text}>
              <button type="button" onClick={() => selectExecution(step.execution)}>
                {step.number} {step.text}
              </button>
            </th>
            <td>{durationText(step.duration)}</td>
            <td>{step.runs === 0 ? 'not run' : differs(step) ? step.usual : durationText(step.before)}</td>
            <td>{differs(step) ? step.state : difference(step.duration, step.before)}</td>
          </tr>
        ))}
        {answer.metrics.map(({ name, unit, now, before }) => (
          <tr key={`metric ${name}`}>
            <th scope="row" title={`${name}, mean over the whole run`}>
              {name}
            </th>
            <td>{quantityText(now, unit)}</td>
            <td>{quantityText(before, unit)}</td>
            <td>{metricDifference(now, before, unit)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** As of durations; differences under a tenth are as good as none. */
export function metricDifference(now: number, before: number, unit: Unit): string {
  const change = now - before;
  if (Math.abs(change) <= Math.abs(before) / 10) return '≈';
  return changeText(change, unit);
}

/** Am I checking all the conditions? */
import { useEffect, useRef } from 'react';
import type { CheckedCondition, ConditionsAnswer } from '#shared/run/questions/conditions.ts';
import { createTimeAxis } from '../../../stores/time-axis.ts';
import { revealLine } from './reveal-line.ts';
import { QuestionSection, type Tone } from './question-section.tsx';
import { counted, shareText } from '#shared/wording/counts.ts';
import style from './questions.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

const marks: Readonly<Record<CheckedCondition['state'], { readonly mark: string; readonly tone: Tone }>> = {
  met: { mark: '✓', tone: 'ok' },
  'not met': { mark: '✗', tone: 'fail' },
  pending: { mark: '…', tone: 'running' },
  'never evaluated': { mark: '○', tone: 'muted' },
};

/** What was judged on an old value is not certain. An `on` or a limit that did not turn is quiet, not failed; an `if` that did not hold took the other way. */
function markOf({ form, state, doubt, obstacle }: CheckedCondition) {
  if (obstacle !== null) return { mark: '?', tone: 'warn' as const };
  if (doubt !== null) return { mark: '?', tone: 'warn' as const };
  if (state === 'not met' && (form === 'on' || form === 'if')) return { mark: '–', tone: 'muted' as const };
  if (state === 'met' && form === 'on') return { mark: '!', tone: 'warn' as const };
  return marks[state];
}

function summary(
  { conditions, coverage, evaluated, notMet, doubted, unjudged, gone }: ConditionsAnswer,
  stage: RunStage,
): { readonly text: string; readonly tone: Tone } {
  if (coverage === null) return { text: 'This scenario checks no condition.', tone: 'warn' };
  if (stage === 'before') {
    const before = counted(conditions.length, 'condition');
    if (gone.length > 0) return { text: `${before}, ${gone.length} checked before and gone`, tone: 'warn' };
    return { text: `${before}, none evaluated yet`, tone: 'muted' };
  }
  const share = `${evaluated} of ${counted(conditions.length, 'condition')} evaluated (${shareText(coverage / 100)})`;
  const text = unjudged === 0 ? share : `${share}, ${unjudged} cannot be judged`;
  const failed = conditions.some((each) => each.state === 'not met' && markOf(each).tone === 'fail');
  if (failed) return { text: `${text}, ${notMet} not met`, tone: 'fail' };
  if (unjudged > 0) return { text, tone: 'warn' };
  if (doubted > 0) return { text: `${text}, ${doubted} on an old value`, tone: 'warn' };
  if (gone.length > 0) return { text: `${text}, ${gone.length} checked before and gone`, tone: 'warn' };
  return { text, tone: coverage === 100 ? 'ok' : stage === 'during' ? 'plain' : 'warn' };
}

export type RunStage = 'before' | 'during' | 'after';

/** What is said of a condition that was not evaluated: before a run that is so of all. */
const untouchedWords: Readonly<Record<RunStage, string>> = { before: '', during: 'not yet', after: 'never evaluated' };

/** Marks the execution in all views, and shows the condition's line in the editor, also if it was never evaluated. */
async function show(stores: Stores, { scenario, line, execution }: CheckedCondition): Promise<void> {
  stores.get(createTimeAxis).selectExecution(execution);
  if (line !== null) await revealLine(stores, scenario, line);
}

export function ConditionsQuestion(props: {
  readonly answer: ConditionsAnswer;
  readonly scenario: string | null;
  readonly stage: RunStage;
}) {
  const { answer, scenario } = props;
  const { text, tone } =
    scenario === null ? { text: 'Open a scenario to see what it checks.', tone: 'muted' as const } : summary(answer, props.stage);
  return (
    <QuestionSection question="Am I checking all the conditions?" answer={text} tone={tone}>
      <ul className={style['list']}>
        {answer.conditions.map((each) => (
          <ConditionRow key={each.condition} condition={each} untouched={untouchedWords[props.stage]} />
        ))}
        {answer.gone.map((each) => (
          <li
            key={`gone ${each.text}`}
            data-tone="warn"
            title={`Checked by ${counted(each.runs, 'earlier run')}, last with ${each.lastRelease}.`}
          >
            <span className={style['rowMark']} aria-hidden="true">
              ⊘
            </span>
            <span className={style['rowText']}>
              {each.form} {each.text}
            </span>
            <span className={style['rowValue']}>not checked any more</span>
          </li>
        ))}
      </ul>
    </QuestionSection>
  );
}

/** Scrolls the list, and nothing around it. */
function bringIntoSight(row: HTMLElement): void {
  const list = row.closest('[role=group]');
  if (!list) return;
  const [place, frame] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
  if (place.top < frame.top) list.scrollTop -= frame.top - place.top;
  else if (place.bottom > frame.bottom) list.scrollTop += place.bottom - frame.bottom;
}

function ConditionRow({ condition, untouched }: { readonly condition: CheckedCondition; readonly untouched: string }) {
  const stores = useStores();
  const { mark, tone } = markOf(condition);
  const values = Object.entries(condition.values).map(([name, value]) => `${name} = ${value ?? 'no value'}`);
  const { line, doubt, obstacle } = condition;
  const row = useRef<HTMLLIElement>(null);
  const urgent = tone === 'fail' || condition.state === 'pending';
  useEffect(() => {
    if (urgent && row.current) bringIntoSight(row.current);
  }, [urgent]);
  return (
    <li
      ref={row}
      data-tone={tone}
      title={[
        `${condition.form} ${condition.text}`,
        condition.state,
        ...(condition.history === null ? [] : [condition.history]),
        ...(doubt === null ? [] : [doubt]),
        ...(obstacle === null ? [] : [obstacle]),
        ...values,
      ].join('\n')}
    >
      <span className={style['rowMark']} aria-hidden="true">
        {mark}
      </span>
      <button type="button" className={style['rowText']} disabled={line === null} onClick={() => void show(stores, condition)}>
        <span className={style['rowForm']}>{condition.form}</span> {condition.text}
        {condition.history !== null && <span className={style['rowForm']}> ({condition.history})</span>}
      </button>
      <span className={style['rowValue']}>
        {obstacle !== null
          ? ''
          : condition.state === 'never evaluated'
            ? untouched
            : values.map((each) => each.split(' = ')[1]).join(', ') || condition.state}
      </span>
      {doubt !== null && <span className={style['rowBelow']}>{doubt}</span>}
      {obstacle !== null && <span className={style['rowBelow']}>{obstacle}</span>}
    </li>
  );
}

/** Am I taking into account all the essential results? */
import { IconStopwatch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { inertText } from '../../../components/inert-text.ts';
import { StateLabel } from '../../../components/state-label.tsx';
import type { Fault } from '#shared/run/questions/faults.ts';
import type { ResultsAnswer } from '#shared/run/questions/results.ts';
import { stateWords, troubleOf } from '#shared/run/step-trouble.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { createReplay } from '../../../stores/replay/replay.ts';
import { createTimeAxis } from '../../../stores/time-axis.ts';
import { QuestionSection, type Tone } from './question-section.tsx';
import style from './questions.module.css';
import { useStores } from '../../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';

const tones: Readonly<Record<ResultsAnswer['verdict'], Tone>> = {
  'not run': 'muted',
  running: 'running',
  paused: 'paused',
  passed: 'ok',
  failed: 'fail',
  error: 'error',
  stopped: 'warn',
  interrupted: 'warn',
};

function summary({ verdict, reason, counts: told, retried }: ResultsAnswer): string {
  if (verdict === 'not run') return 'Nothing was run yet.';
  const counts = retried.length > 0 ? [...told, `${retried.length} retried`] : told;
  const head = verdict.charAt(0).toUpperCase() + verdict.slice(1);
  return `${head}${counts.length > 0 ? `. Steps: ${counts.join(', ')}` : ''}${reason ? `. ${reason}` : ''}`;
}

export function ResultsQuestion({ answer }: { readonly answer: ResultsAnswer }) {
  const { selectExecution } = useStores().get(createTimeAxis);
  const resuming = useRunSession((session) => session.resuming);
  // While the core is lost this is what was known last.
  const [said, tone] = resuming ? [`Not live, was: ${summary(answer)}`, 'not-live' as const] : [summary(answer), tones[answer.verdict]];
  const notable = answer.components.filter((each) => each.errors > 0 || each.crashes > 0 || each.changed || each.unknownFrom !== null);
  return (
    <QuestionSection question="Am I taking into account all the essential results?" answer={said} tone={tone}>
      <ul className={style['list']}>
        {answer.doubts.map((doubt) => (
          <li key={doubt} data-tone="not-live">
            <span className={style['rowMark']} aria-hidden="true">
              ?
            </span>
            <span className={style['rowText']}>{doubt}</span>
          </li>
        ))}
        {answer.trouble.slice(-20).map(({ step, state, message }) => (
          <li
            key={`step ${step.execution}`}
            data-tone={troubleOf({ state, message }) === 'failed check' ? 'fail' : 'error'}
            title={[stateWords({ state, message }), message ?? ''].join('\n')}
          >
            <span className={style['rowMark']} aria-hidden="true">
              {troubleOf({ state, message }) === 'failed check' ? '✗' : '!'}
            </span>
            <button type="button" className={style['rowText']} onClick={() => selectExecution(step.execution)}>
              <span className={style['rowForm']}>{step.number}</span> {step.text}
            </button>
            {message === null ? (
              <span className={style['rowValue']}>{stateWords({ state, message })}</span>
            ) : (
              <span className={style['rowBelow']}>{inertText(message)}</span>
            )}
          </li>
        ))}
        {answer.retried.slice(-20).map(({ step, state, message, replacedBy }) => (
          <li key={`retried ${step.execution}`} data-tone="muted" title={message ?? state}>
            <span className={style['rowMark']} aria-hidden="true">
              ↻
            </span>
            <button type="button" className={style['rowText']} onClick={() => selectExecution(replacedBy ?? step.execution)}>
              <span className={style['rowForm']}>{step.number}</span> {step.text}
            </button>
            <span className={style['rowValue']}>{stateWords({ state, message })}, retried</span>
          </li>
        ))}
        {answer.faults.map((fault) => (
          <FaultRow key={`fault ${fault.execution}`} fault={fault} />
        ))}
        {notable.map((each) => (
          <li
            key={`component ${each.component}`}
            data-tone={each.crashes > 0 ? 'error' : each.errors > 0 ? 'fail' : 'plain'}
            title={each.lastError ?? each.state}
          >
            <span className={style['rowMark']} aria-hidden="true">
              {each.crashes > 0 ? '✗' : each.errors > 0 ? '!' : '•'}
            </span>
            <span className={style['rowText']}>
              {each.component}{' '}
              {each.unknownFrom === null ? <span className={style['rowForm']}>{each.state}</span> : <StateLabel state={each.state} />}
            </span>
            <span className={style['rowValue']}>
              {[
                each.crashes > 0 && `${each.crashes} crash${each.crashes > 1 ? 'es' : ''}`,
                each.errors > 0 && `${each.errors} error${each.errors > 1 ? 's' : ''}`,
              ]
                .filter(Boolean)
                .join(', ')}
            </span>
          </li>
        ))}
      </ul>
    </QuestionSection>
  );
}

/** A stopwatch that runs on the screen until the condition that must hold again does. */
function FaultRow({ fault }: { readonly fault: Fault }) {
  const stores = useStores();
  const { shownNow } = stores.get(createReplay);
  const { selectExecution } = stores.get(createTimeAxis);
  const running = fault.recovered === null && !fault.lost;
  const resuming = useRunSession((session) => session.resuming);
  const [now, setNow] = useState(() => shownNow(Date.now()));
  useEffect(() => {
    if (!running || resuming) return undefined;
    const timer = setInterval(() => setNow(shownNow(Date.now())), 100);
    return () => clearInterval(timer);
  }, [running, resuming]);
  const shown = fault.recovered ?? Math.max(0, now - fault.at);
  const tone = running ? (resuming ? 'muted' : 'running') : fault.recovered === null ? 'fail' : 'plain';
  return (
    <li data-tone={tone} title={fault.condition ? `until ${fault.condition}` : 'Nothing is waited for after this fault.'}>
      <span className={style['rowMark']} aria-hidden="true">
        <IconStopwatch size={12} />
      </span>
      <button type="button" className={style['rowText']} onClick={() => selectExecution(fault.execution)}>
        {fault.text}
      </button>
      <span className={style['rowValue']}>
        {fault.lost ? 'not recovered' : durationText(shown, fault.recovered === null ? 'steady' : 'short')}
      </span>
    </li>
  );
}

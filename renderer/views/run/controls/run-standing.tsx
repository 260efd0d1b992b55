/** Where the run stands, in one line: status, step, time, rate. */
import { useEffect, useState } from 'react';
import { itemAt, type RunState } from '#shared/run/run-state.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { activeScenario, useOpenFiles } from '../../../stores/open-files.ts';
import { duration } from '../questions/question-section.tsx';

function standing(state: RunState): { readonly word: string; readonly tone: string } {
  switch (state.status) {
    case 'new':
      return { word: 'Ready', tone: 'muted' };
    case 'running':
      return { word: 'Running', tone: 'running' };
    case 'paused':
      return state.paused?.reason === 'failure'
        ? { word: 'Error', tone: 'error' }
        : { word: `Paused${state.paused ? ` (${state.paused.reason})` : ''}`, tone: 'paused' };
    case 'finished': {
      const outcome = state.outcome ?? 'interrupted';
      const tones = { passed: 'ok', failed: 'fail', error: 'error', stopped: 'warn', interrupted: 'warn' } as const;
      return { word: outcome.charAt(0).toUpperCase() + outcome.slice(1), tone: tones[outcome] };
    }
  }
}

export function RunStanding() {
  const { state, rate } = useRunSession();
  const front = useOpenFiles((files) => activeScenario(files)?.name);
  const [now, setNow] = useState(() => Date.now());
  const ticking = state.status === 'running' || state.status === 'paused';
  useEffect(() => {
    if (!ticking) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, [ticking]);
  const { word, tone } = standing(state);
  const startedAt = state.started?.time;
  const elapsed = startedAt === undefined ? null : (state.finishedAt ?? now) - startedAt;
  const step = state.running === null ? null : itemAt(state.steps, state.running);
  return (
    <div className="run-standing" role="status" aria-live="polite">
      <strong className={`tone-${tone}`}>{word}</strong>
      <span className="run-standing-scenario">{state.started?.scenario ?? front ?? 'no scenario open'}</span>
      {state.started ? <span>{state.started.release}</span> : null}
      {elapsed === null ? null : <span className="run-standing-time">{duration(Math.max(0, elapsed))}</span>}
      {rate > 20 ? <span>{rate} steps/s</span> : null}
      {step ? (
        <span className="run-standing-step">{step.step.text}</span>
      ) : state.reason ? (
        <span className="run-standing-step">{state.reason}</span>
      ) : null}
      {state.paused?.message ? <span className="run-standing-step tone-error">{state.paused.message}</span> : null}
    </div>
  );
}

/** Where the run stands, in one line: status, step, time, rate. */
import { troubleOf } from '#shared/run/step-trouble.ts';
import { useEffect, useState } from 'react';
import { inertText } from '../../../components/inert-text.ts';
import { itemAt, type RunState } from '#shared/run/run-state.ts';
import { useReplay } from '../../../stores/replay/replay.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useStartWait } from '../../../stores/start-wait.ts';
import { createOpenFiles, useOpenFiles } from '../../../stores/open-files.ts';
import style from './run-controls.module.css';
import { useStores } from '../../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';
import { numberText } from '#shared/wording/numbers.ts';

function standing(state: RunState, ended: boolean): { readonly word: string; readonly tone: string } {
  if (ended && state.status !== 'finished') return { word: 'Interrupted', tone: 'warn' };
  switch (state.status) {
    case 'new':
      return { word: 'Ready', tone: 'muted' };
    case 'running':
      return state.prompt === null ? { word: 'Running', tone: 'running' } : { word: 'Asks', tone: 'paused' };
    case 'paused':
      return state.paused?.reason === 'failure'
        ? pausedOn(state)
        : { word: `Paused${state.paused ? ` (${state.paused.reason})` : ''}`, tone: 'paused' };
    case 'finished': {
      const outcome = state.outcome ?? 'interrupted';
      const tones = { passed: 'ok', failed: 'fail', error: 'error', stopped: 'warn', interrupted: 'warn' } as const;
      return { word: outcome.charAt(0).toUpperCase() + outcome.slice(1), tone: tones[outcome] };
    }
  }
}

/** How a run stood when the core was lost; a run of which nothing was heard yet has no standing of its own. */
function lastKnown(state: RunState): { readonly word: string; readonly tone: string } {
  return { word: state.status === 'new' ? 'Not live' : `Not live (was: ${standing(state, false).word})`, tone: 'not-live' };
}

/** Paused since a step did not pass: a check that failed is a result; a failed command or an error is none. */
function pausedOn(state: RunState): { readonly word: string; readonly tone: string } {
  const step = itemAt(state.steps, state.steps.total - 1);
  const trouble = step ? troubleOf(step) : null;
  return { word: `Paused (${trouble ?? 'failure'})`, tone: trouble === 'error' ? 'error' : 'fail' };
}

function startingWords(waiting: boolean): { readonly word: string; readonly tone: string } {
  return waiting ? { word: 'Waiting to start', tone: 'paused' } : { word: 'Starting', tone: 'running' };
}

export function RunStanding() {
  const { activeScenario } = useStores().get(createOpenFiles);
  const { state, rate, ended, starting, live, resuming } = useRunSession();
  const waiting = useStartWait((wait) => wait.awaited !== null);
  const front = useOpenFiles((files) => activeScenario(files)?.name);
  const [now, setNow] = useState(() => Date.now());
  const ticking = live && !resuming && (state.status === 'running' || state.status === 'paused');
  useEffect(() => {
    if (!ticking) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(timer);
  }, [ticking]);
  const { word, tone } = resuming ? lastKnown(state) : starting ? startingWords(waiting) : standing(state, ended);
  const startedAt = state.started?.time;
  // In a replay to a tenth of a second: the bar below tells it exactly.
  const replayed = useReplay((replay) => (replay.run === null ? null : Math.round(replay.cursor / 100) * 100));
  const last = replayed ?? state.finishedAt ?? (live && !resuming ? now : state.time);
  // A run whose core died lasted until then, whatever was done for it since.
  const lasted = replayed === null ? state.lasted : null;
  const elapsed = startedAt === undefined || last === null ? null : (lasted ?? last - startedAt);
  const text = wordsOf(state);
  return (
    <div className={style['standing']} data-run-standing>
      <strong className={style['word']} data-tone={tone} role="status">
        {word}
      </strong>
      <span className={`clipped ${style['scenario'] ?? ''}`}>
        {state.started?.scenario ?? front ?? 'no scenario open'}
        {state.started?.mode === 'dry' ? ' (dry run)' : ''}
      </span>
      {state.started ? <span className="clipped">{state.started.release}</span> : null}
      {elapsed === null ? null : <span className={style['time']}>{durationText(Math.max(0, elapsed), 'steady')}</span>}
      {rate > 20 ? <span className={style['time']}>{numberText(rate)} steps/s</span> : null}
      {text === null ? null : (
        <span className={style['step']} data-tone={text.tone} data-run-step title={text.words}>
          {text.words}
        </span>
      )}
    </div>
  );
}

/** What to read about the moment: why it stands, what runs, how it ended. */
function wordsOf(state: RunState): { readonly words: string; readonly tone?: string } | null {
  if (state.paused?.message)
    return {
      words: inertText(state.paused.message),
      tone: state.paused.reason === 'failure' ? pausedOn(state).tone : 'error',
    };
  const step = state.running === null ? null : itemAt(state.steps, state.running);
  if (step) return { words: inertText(step.step.text) };
  return state.reason ? { words: inertText(state.reason) } : null;
}

/** The panel that answers a tester's three questions at a glance, before, during and after a run. */
import { useEffect, useMemo, useState } from 'react';
import { answerConditions } from '#shared/run/questions/conditions.ts';
import { answerPrevious } from '#shared/run/questions/previous.ts';
import { answerResults } from '#shared/run/questions/results.ts';
import { Page } from '../../../components/page.tsx';
import { createReplay } from '../../../stores/replay/replay.ts';
import { createRunSession, type RunSessionState } from '../../../stores/run-session.ts';
import { createScenarioBackground, useScenarioBackground } from '../../../stores/scenario-background.ts';
import { ConditionsQuestion } from './conditions-question.tsx';
import { PreviousQuestion } from './previous-question.tsx';
import { ResultsQuestion } from './results-question.tsx';
import { WatchedVariables } from './watched-variables.tsx';
import style from './questions.module.css';
import { useStores } from '../../../stores/context.ts';

/** ms between two answers while a run goes on: they are read by a person, and cost time in runs of thousands of steps. */
const pace = 150;

/** ms between two moments that somebody goes to by hand, at the least: they are answered at once. */
const handPace = 30;

/** The shown run, not oftener than a person can read; a change of its status is seen at once. */
function useReadableSession(): RunSessionState {
  const stores = useStores();
  const runSession = stores.get(createRunSession);
  const replay = stores.get(createReplay);
  const [shown, setShown] = useState(() => runSession.getState());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => {
      clearTimeout(timer);
      timer = undefined;
      setShown(runSession.getState());
    };
    const stop = runSession.subscribe((session, before) => {
      if (session.run !== before.run || session.ended !== before.ended || session.state.status !== before.state.status) show();
      else timer ??= setTimeout(show, session.archived && !replay.getState().playing ? handPace : pace);
    });
    show();
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  return shown;
}

export function QuestionsPanel() {
  const { followScenario } = useStores().get(createScenarioBackground);
  useEffect(followScenario, []);
  const { state, ended } = useReadableSession();
  const { program, history, baseline, release, known, scenario } = useScenarioBackground();
  const conditions = useMemo(() => answerConditions(program, state, history), [program, state, history]);
  const results = useMemo(() => answerResults(state), [state]);
  const previous = useMemo(() => answerPrevious(state, history, baseline, release), [state, history, baseline, release]);
  const stage = state.status === 'new' ? 'before' : ended || state.status === 'finished' ? 'after' : 'during';
  return (
    <Page>
      <div className={style['questions']} role="region" aria-label="The three questions">
        <ConditionsQuestion answer={conditions} scenario={scenario} stage={stage} />
        <ResultsQuestion answer={ended && state.status !== 'finished' ? { ...results, verdict: 'interrupted' } : results} />
        <PreviousQuestion answer={previous} known={known} scenario={scenario} />
      </div>
      <WatchedVariables />
    </Page>
  );
}

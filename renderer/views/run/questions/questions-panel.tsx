/** The panel that answers a tester's three questions at a glance, before, during and after a run. */
import { useEffect, useMemo } from 'react';
import { answerConditions } from '#shared/run/questions/conditions.ts';
import { answerPrevious } from '#shared/run/questions/previous.ts';
import { answerResults } from '#shared/run/questions/results.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { followScenario, useScenarioBackground } from '../../../stores/scenario-background.ts';
import { ConditionsQuestion } from './conditions-question.tsx';
import { PreviousQuestion } from './previous-question.tsx';
import { ResultsQuestion } from './results-question.tsx';
import './questions.css';

export function QuestionsPanel() {
  useEffect(followScenario, []);
  const state = useRunSession((session) => session.state);
  const { program, history, known, scenario } = useScenarioBackground();
  const conditions = useMemo(() => answerConditions(program, state, history), [program, state, history]);
  const results = useMemo(() => answerResults(state), [state]);
  const previous = useMemo(() => answerPrevious(state, history), [state, history]);
  return (
    <div className="questions" tabIndex={0} role="region" aria-label="The three questions">
      <ConditionsQuestion answer={conditions} scenario={scenario} />
      <ResultsQuestion answer={results} />
      <PreviousQuestion answer={previous} known={known} />
    </div>
  );
}

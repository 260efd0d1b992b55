/** What is still open about a release candidate, each with the buttons that resolve it. */
import { Button } from '@mantine/core';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import { inertText } from '../../components/inert-text.ts';
import { performRemedy, remedyTitle } from './remedies.ts';
import { questionsByScenario, questionTitles, remediesOf, type Question } from './release-words.ts';
import style from './sheet.module.css';
import { useStores } from '../../stores/context.ts';

function Entry({ question, sheet }: { readonly question: Question; readonly sheet: ReleaseSheet }) {
  const stores = useStores();
  const { kind, sentence } = question;
  return (
    <li className={style['entry']}>
      <span className={style['kind']} data-kind={kind}>
        {questionTitles[kind]}
      </span>
      <div>
        <p>{inertText(sentence)}</p>
        <div className={style['buttons']}>
          {remediesOf(question, sheet).map((remedy, index) => (
            <Button
              key={remedy}
              size="small"
              variant={index === 0 ? 'default' : 'subtle'}
              title={inertText(sentence)}
              onClick={() => performRemedy(stores, remedy, question, sheet)}
            >
              {remedyTitle(remedy, question, sheet)}
            </Button>
          ))}
        </div>
      </div>
    </li>
  );
}

export function Questions({ sheet }: { readonly sheet: ReleaseSheet }) {
  const groups = questionsByScenario(sheet.questions);
  return (
    <section className={style['questions']} aria-labelledby="sheet-questions">
      <h2 id="sheet-questions">Open questions ({sheet.questions.length})</h2>
      {groups.length === 0 && <p className="muted">Nothing is left to decide or to explain.</p>}
      {groups.map(({ scenario, questions }) => (
        <div key={scenario ?? ''}>
          {scenario !== null && <h3>{inertText(scenario)}</h3>}
          <ul>
            {questions.map((question, index) => (
              <Entry key={`${question.kind} ${question.finding ?? question.sentence} ${index}`} question={question} sheet={sheet} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

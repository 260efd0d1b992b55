/** What was said about a run: who, when, what; what was taken back stays, struck through. */
import { Button } from '@mantine/core';
import type { RunId } from '#shared/identifiers.ts';
import { inertText } from '../../components/inert-text.ts';
import { createSpoken, useRemarks } from '../../stores/remarks.ts';
import { historyOf, type SpokenRemark } from './decision-words.ts';
import style from './decisions.module.css';
import { useStores } from '../../stores/context.ts';
import { dateAndTime } from '#shared/wording/times.ts';

function Entry({ run, spoken }: { readonly run: RunId; readonly spoken: SpokenRemark }) {
  const { takeBack } = useStores().get(createSpoken);
  const { remark, words, takenBack } = spoken;
  const text = 'text' in remark ? remark.text : '';
  return (
    <li data-taken-back={takenBack !== null || undefined}>
      <div>
        <strong>{inertText(words)}</strong>
        {remark.kind === 'cause' && remark.finding !== null && <span className="muted"> (one finding)</span>}
        {text !== '' && <span>: {inertText(text)}</span>}
      </div>
      <div className="muted">
        {dateAndTime(remark.saidAt)} by {inertText(remark.author)}
        {takenBack && `, taken back ${dateAndTime(takenBack.at)} by ${inertText(takenBack.author)}`}
      </div>
      {takenBack === null && (
        <Button
          className={style['takeBack'] ?? ''}
          variant="subtle"
          aria-label={`Take back: ${inertText(words)}`}
          onClick={() => void takeBack([{ run, number: remark.number }])}
        >
          Take back
        </Button>
      )}
    </li>
  );
}

/** `empty`: what stands there while nothing was said. */
export function DecisionHistory({ run, empty }: { readonly run: RunId; readonly empty: string }) {
  const remarks = useRemarks(run);
  if (remarks === null) return null;
  const history = historyOf(remarks);
  if (history.length === 0) return <p className="muted">{empty}</p>;
  return (
    <ol className={style['history']}>
      {history.map((spoken) => (
        <Entry key={spoken.remark.number} run={run} spoken={spoken} />
      ))}
    </ol>
  );
}

/** One question with its answer in a few words; details below, which can be folded away. */
import { useId, useState, type ReactNode } from 'react';
import style from './questions.module.css';

export type Tone = 'plain' | 'ok' | 'warn' | 'fail' | 'error' | 'paused' | 'running' | 'waiting' | 'muted' | 'not-live';

export function QuestionSection(props: {
  readonly question: string;
  readonly answer: ReactNode;
  readonly tone: Tone;
  readonly children?: ReactNode;
}) {
  const [open, setOpen] = useState(true);
  const id = useId();
  return (
    <section className={style['question']} aria-labelledby={`${id}-title`}>
      <div className={style['head']}>
        <h2 id={`${id}-title`}>
          <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <span className={style['mark']} aria-hidden="true">
              {open ? '▾' : '▸'}
            </span>
            {props.question}
          </button>
        </h2>
        <p className={style['answer']} data-tone={props.tone} data-answer>
          {props.answer}
        </p>
      </div>
      <div id={id} className={style['details']} hidden={!open} tabIndex={0} role="group" aria-label={`Details: ${props.question}`}>
        {props.children}
      </div>
    </section>
  );
}

/** A question that the scenario asks the operator; the run waits for the answer. */
import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { inertText } from '../../../components/inert-text.ts';
import { hasControl, useRunConsoles } from '../../../stores/run-consoles.ts';
import { createRunSession, useRunSession } from '../../../stores/run-session.ts';
import style from './run-controls.module.css';
import { useStores } from '../../../stores/context.ts';

export function PromptBar() {
  const { act } = useStores().get(createRunSession);
  const prompt = useRunSession((session) => (session.live ? session.state.prompt : null));
  const control = useRunConsoles(hasControl);
  const [typed, setTyped] = useState('');
  const first = useRef<HTMLDivElement>(null);
  const reference = prompt?.reference;
  useEffect(() => {
    setTyped(prompt?.fallback ?? '');
    first.current?.querySelector<HTMLElement>('input, button')?.focus();
    // A new question starts with its own default.
  }, [reference]);
  if (!prompt) return null;
  const answer = (text: string) => void act({ kind: 'answer', reference: prompt.reference, answer: text });
  return (
    <div className={style['promptBar']} ref={first} role="form" aria-label="The scenario asks">
      <strong>{inertText(prompt.question)}</strong>
      {prompt.choices.length > 0 ? (
        prompt.choices.map((choice) => (
          <Button
            key={choice}
            disabled={!control}
            onClick={() => answer(choice)}
            variant={choice === prompt.fallback ? 'filled' : 'default'}
          >
            {inertText(choice)}
          </Button>
        ))
      ) : (
        <form
          className={style['promptForm']}
          onSubmit={(event) => {
            event.preventDefault();
            answer(typed);
          }}
        >
          <TextInput aria-label="Answer" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
          <Button type="submit" disabled={!control}>
            Answer
          </Button>
        </form>
      )}
    </div>
  );
}

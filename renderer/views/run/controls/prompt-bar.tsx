/** A question that the scenario asks the operator; the run waits for the answer. */
import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { act, useRunSession } from '../../../stores/run-session.ts';

export function PromptBar() {
  const prompt = useRunSession((session) => (session.live ? session.state.prompt : null));
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
    <div className="prompt-bar" ref={first} role="form" aria-label="The scenario asks">
      <strong>{prompt.question}</strong>
      {prompt.choices.length > 0 ? (
        prompt.choices.map((choice) => (
          <Button key={choice} onClick={() => answer(choice)} variant={choice === prompt.fallback ? 'filled' : 'default'}>
            {choice}
          </Button>
        ))
      ) : (
        <form
          className="prompt-form"
          onSubmit={(event) => {
            event.preventDefault();
            answer(typed);
          }}
        >
          <TextInput aria-label="Answer" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
          <Button type="submit">Answer</Button>
        </form>
      )}
    </div>
  );
}

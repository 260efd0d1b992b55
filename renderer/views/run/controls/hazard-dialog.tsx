/** The question before a run that gives dangerous commands: which, to what environment, in whose name. */
import { Checkbox, Group, Modal } from '@mantine/core';
import { useState } from 'react';
import { ConfirmationButtons } from '../../../components/confirmation-buttons.tsx';
import { HazardLabel } from '../../../components/hazard-label.tsx';
import { inertText } from '../../../components/inert-text.ts';
import { useSession } from '../../../stores/session.ts';
import { useHazardQuestion, type HazardQuestion } from './hazard-store.ts';
import style from './run-controls.module.css';

/** So many commands are listed; the others are counted. */
const listed = 8;

export function HazardDialog() {
  const question = useHazardQuestion((state) => state.question);
  return (
    <Modal
      opened={question !== null}
      onClose={() => question?.answer(false, true)}
      title="This run gives dangerous commands"
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {question ? <Question question={question} /> : null}
    </Modal>
  );
}

function Question({ question }: { readonly question: HazardQuestion }) {
  const [askAgain, setAskAgain] = useState(true);
  const environment = useSession((state) => state.environment);
  const { commands, answer } = question;
  return (
    <>
      <ul className={style['hazardList']}>
        {commands.slice(0, listed).map(({ text, scenario, line }) => (
          <li key={`${scenario}:${line} ${text}`}>
            <code className="clipped">{inertText(text)}</code>
            <span className={style['hazardPlace']}>
              {scenario}, line {line + 1}
            </span>
          </li>
        ))}
        {commands.length > listed ? <li>and {commands.length - listed} more</li> : null}
      </ul>
      <p>
        <HazardLabel hazard="dangerous" />. {commands.length === 1 ? 'It is sent' : 'They are sent'} to environment{' '}
        <strong>{question.environment}</strong>, release <strong>{environment?.release ?? '?'}</strong>, in your name (
        {environment?.operator ?? '?'}).
      </p>
      <Group justify="space-between">
        <Checkbox
          size="xs"
          label="Do not ask again for this environment"
          checked={!askAgain}
          onChange={(event) => setAskAgain(!event.currentTarget.checked)}
        />
        <ConfirmationButtons
          safe="Cancel"
          onSafe={() => answer(false, true)}
          risky="Start the run"
          onRisky={() => answer(true, askAgain)}
        />
      </Group>
    </>
  );
}

/** The dialog of a command by hand: form, confirmation, progress, result. */
import { Button, Group, Loader, Modal } from '@mantine/core';
import { ConfirmationButtons } from '../../components/confirmation-buttons.tsx';
import { HazardLabel } from '../../components/hazard-label.tsx';
import { inertText } from '../../components/inert-text.ts';
import { useNow } from '../../components/use-now.ts';
import { useSession } from '../../stores/session.ts';
import { ActionForm } from './action-form.tsx';
import { createManualCommand, useManualCommand, type CommandStage, type ManualCommand } from './command-store.ts';
import { wordsText } from './command-words.ts';
import style from './command-dialog.module.css';
import { useStores } from '../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';
import { listed } from '#shared/wording/names.ts';

function CommandText({ command }: { readonly command: ManualCommand }) {
  return (
    <>
      <pre className={style['command']}>{inertText(wordsText(command.words))}</pre>
      <p className={style['note']}>
        executed by {listed(command.daemons) || 'the core'} · <HazardLabel hazard={command.hazard} />
      </p>
    </>
  );
}

function Confirmation({ command }: { readonly command: ManualCommand }) {
  const { closeCommand, executeCommand } = useStores().get(createManualCommand);
  const environment = useSession((state) => state.environment);
  return (
    <>
      <CommandText command={command} />
      <p>
        This is sent to environment <strong>{environment?.environment ?? '?'}</strong>, release{' '}
        <strong>{environment?.release ?? '?'}</strong>, in your name ({environment?.operator ?? '?'}).
      </p>
      <ConfirmationButtons
        safe="Cancel"
        onSafe={closeCommand}
        risky={`Yes, ${command.words[0]}`}
        onRisky={() => void executeCommand(command)}
        destructive
      />
    </>
  );
}

function Running({ command, since }: { readonly command: ManualCommand; readonly since: number }) {
  const { closeCommand } = useStores().get(createManualCommand);
  const now = useNow(250);
  return (
    <>
      <CommandText command={command} />
      <p role="status" className={style['progress']}>
        <Loader size={16} /> running for {durationText(Math.max(0, now - since), 'steady')}
      </p>
      <Group justify="flex-end">
        <Button onClick={closeCommand}>Close; it goes on</Button>
      </Group>
    </>
  );
}

function Result({ stage }: { readonly stage: Extract<CommandStage, { kind: 'done' | 'failed' }> }) {
  const stores = useStores();
  const manualCommand = stores.get(createManualCommand);
  const { closeCommand } = manualCommand;
  const success = stage.kind === 'done' && stage.outcome.success;
  return (
    <>
      <CommandText command={stage.command} />
      <div role="status" className={style['result']} data-success={success}>
        {stage.kind === 'failed' ? (
          <>
            <strong>{stage.problem.message}</strong>
            {stage.problem.tip && <p>{stage.problem.tip}</p>}
          </>
        ) : (
          <>
            <strong>
              {success ? 'Succeeded' : 'Failed'}: {stage.outcome.status} in {durationText(stage.outcome.duration)}
              {stage.outcome.exitStatus !== null && `, exit status ${stage.outcome.exitStatus}`}
              {stage.outcome.signal !== null && `, signal ${stage.outcome.signal}`}
            </strong>
            {stage.outcome.message && <p>{inertText(stage.outcome.message)}</p>}
            {stage.outcome.result !== '' && (
              <pre className={style['output']}>{stage.outcome.result.split('\n').map(inertText).join('\n')}</pre>
            )}
          </>
        )}
      </div>
      <Group justify="flex-end" gap="sm">
        <Button onClick={() => manualCommand.setState({ stage: { kind: 'confirm', command: stage.command } })}>Again…</Button>
        <Button onClick={closeCommand} data-autofocus>
          Close
        </Button>
      </Group>
    </>
  );
}

function titleOf(stage: CommandStage | null): string {
  switch (stage?.kind) {
    case 'form':
    case undefined:
      return 'Run an action by hand';
    case 'confirm':
      return 'Really?';
    case 'running':
      return 'Running';
    case 'done':
    case 'failed':
      return 'Result';
  }
}

function Stage({ stage }: { readonly stage: CommandStage }) {
  switch (stage.kind) {
    case 'form':
      return <ActionForm />;
    case 'confirm':
      return <Confirmation command={stage.command} />;
    case 'running':
      return <Running command={stage.command} since={stage.since} />;
    case 'done':
    case 'failed':
      return <Result stage={stage} />;
  }
}

export function CommandDialog() {
  const { closeCommand } = useStores().get(createManualCommand);
  const stage = useManualCommand((state) => state.stage);
  return (
    <Modal opened={stage !== null} onClose={closeCommand} title={titleOf(stage)} size={520}>
      {/* The key lets each stage take the keyboard to its own first button. */}
      {stage && <Stage key={stage.kind} stage={stage} />}
    </Modal>
  );
}

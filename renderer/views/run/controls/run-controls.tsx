/** The toolbar above the run view: start, pause, step, stop; how the run stands; its release, policy and variables; prompts. */
import { ActionIcon, Menu, Select, TextInput, Tooltip } from '@mantine/core';
import {
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconPlayerStop,
  IconPlayerTrackNext,
  IconRefresh,
  IconStepInto,
  IconStepOut,
  IconX,
} from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { FailurePolicy } from '#shared/scenario/machine-words.ts';
import { KeyLabel, keyText } from '../../../components/key-label.tsx';
import { createActions, useActions, type Action } from '../../../stores/actions.ts';
import { createActiveRuns } from '../../../stores/active-runs.ts';
import { Toolbar } from '../../../components/toolbar.tsx';
import { createOpenFiles, useOpenFiles } from '../../../stores/open-files.ts';
import { createRunConsoles, hasControl, useRunConsoles } from '../../../stores/run-consoles.ts';
import { createRunOptions, useRunOptions } from '../../../stores/run-options.ts';
import { createRunSession, useRunSession } from '../../../stores/run-session.ts';
import { useSession } from '../../../stores/session.ts';
import { useOpening } from '../../../stores/workspace.ts';
import { ConsolesPopover } from './consoles-popover.tsx';
import { HazardDialog } from './hazard-dialog.tsx';
import { NotePopover } from './note-popover.tsx';
import { OtherRuns } from './other-runs.tsx';
import { canGo, canRunHere, canRunSelection, gotoCaret, runFromCaret, runSelection } from './place-commands.ts';
import { PromptBar } from './prompt-bar.tsx';
import { close, pauseOrRetry, possible, possibleNow, skip, start, startOrGo, step, stop, whyNothingStartsNow } from './run-commands.ts';
import { RunDecision } from './run-decision.tsx';
import { RunStanding } from './run-standing.tsx';
import { StartWaitBar } from './start-wait-bar.tsx';
import { createStartWait } from '../../../stores/start-wait.ts';
import { useControlTip } from './use-control-tip.ts';
import { VariablesPopover } from './variables-popover.tsx';
import style from './run-controls.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

function runActions(stores: Stores): readonly Action[] {
  const runConsoles = stores.get(createRunConsoles);
  const { moveControl } = runConsoles;
  return [
    {
      id: 'run.start',
      title: 'Start or go on',
      group: 'Run',
      keys: ['F5'],
      whileTyping: true,
      // The key tells why there is nothing to start, too.
      enabled: () => possibleNow(stores).start || possibleNow(stores).go || whyNothingStartsNow(stores) !== null,
      perform: () => startOrGo(stores),
    },
    {
      id: 'run.pause',
      title: 'Pause, or retry a failed step',
      group: 'Run',
      keys: ['F6'],
      whileTyping: true,
      enabled: () => possibleNow(stores).pause || possibleNow(stores).retry,
      perform: () => pauseOrRetry(stores),
    },
    {
      id: 'run.step',
      title: 'Step into',
      group: 'Run',
      keys: ['F10'],
      whileTyping: true,
      enabled: () => possibleNow(stores).step,
      perform: () => step(stores, 'step'),
    },
    {
      id: 'run.step-over',
      title: 'Step over a call',
      group: 'Run',
      keys: ['Shift+F10'],
      whileTyping: true,
      enabled: () => possibleNow(stores).go,
      perform: () => step(stores, 'step-over'),
    },
    {
      id: 'run.step-out',
      title: 'Step out of a call',
      group: 'Run',
      keys: ['Shift+F11'],
      whileTyping: true,
      enabled: () => possibleNow(stores).go,
      perform: () => step(stores, 'step-out'),
    },
    {
      id: 'run.skip',
      title: 'Skip the step',
      group: 'Run',
      keys: ['F8'],
      whileTyping: true,
      enabled: () => possibleNow(stores).skip,
      perform: () => skip(stores),
    },
    {
      id: 'run.stop',
      title: 'Stop (deferred commands still run)',
      group: 'Run',
      keys: ['Shift+F5'],
      whileTyping: true,
      enabled: () => possibleNow(stores).stop,
      perform: () => stop(stores),
    },
    {
      id: 'run.cancel-start',
      title: 'Cancel the start that waits',
      group: 'Run',
      keys: ['Escape'],
      whileTyping: true,
      enabled: () => stores.get(createRunSession).getState().starting,
      perform: stores.get(createStartWait).cancelStart,
    },
    {
      id: 'run.dry',
      title: 'Dry run: walk through without executing',
      group: 'Run',
      keys: ['Mod+F5'],
      whileTyping: true,
      enabled: () => possibleNow(stores).start,
      perform: async () => void (await start(stores, { dryRun: true })),
    },
    {
      id: 'run.goto',
      title: "Go to the caret's line (the paused run goes on from there)",
      group: 'Run',
      keys: ['Mod+F10'],
      whileTyping: true,
      enabled: () => canGo(stores),
      perform: () => gotoCaret(stores),
    },
    {
      id: 'run.from-here',
      title: 'Run from here',
      group: 'Run',
      keys: ['Alt+F5'],
      whileTyping: true,
      enabled: () => canRunHere(stores),
      perform: () => runFromCaret(stores),
    },
    {
      id: 'run.selection',
      title: 'Run the selected lines, then pause',
      group: 'Run',
      keys: ['Alt+Shift+F5'],
      whileTyping: true,
      enabled: () => canRunSelection(stores),
      perform: () => runSelection(stores),
    },
    {
      id: 'run.take-control',
      title: 'Take control of the run',
      group: 'Run',
      enabled: () => !hasControl(runConsoles.getState()),
      perform: () => moveControl(null),
    },
    { id: 'run.close', title: 'Close the shown run', group: 'Run', enabled: () => possibleNow(stores).close, perform: () => close(stores) },
  ];
}

interface ControlProps {
  readonly label: string;
  /** What it is done to. */
  readonly hint?: string;
  readonly keys?: string;
  readonly enabled: boolean;
  readonly tone?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Control(props: ControlProps) {
  return (
    <Tooltip
      label={useControlTip([props.label, props.hint, props.keys && `(${keyText(props.keys)})`].filter(Boolean).join(' '), props.enabled)}
    >
      <ActionIcon
        aria-label={props.label}
        {...(props.keys !== undefined && { 'aria-keyshortcuts': props.keys })}
        data-tone={props.tone}
        className={style['control'] ?? ''}
        data-run-control
        disabled={!props.enabled}
        onClick={props.onClick}
      >
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}

/** What the less used buttons do, in one menu. */
const more: readonly { readonly id: string; readonly title: string }[] = [
  { id: 'run.dry', title: 'Dry run' },
  { id: 'run.from-here', title: 'Run from here' },
  { id: 'run.selection', title: 'Run the selection' },
  { id: 'run.goto', title: 'Go to line' },
];

function MoreMenu() {
  const { performAction } = useStores().get(createActions);
  const registered = useActions((state) => state.actions);
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <Tooltip label="More ways to run">
          <ActionIcon aria-label="More ways to run">
            <IconDots size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {more.map(({ id, title }) => {
          const action = registered.get(id);
          return (
            <Menu.Item
              key={id}
              disabled={!(action?.enabled?.() ?? true)}
              rightSection={<KeyLabel keys={action?.keys?.[0] ?? ''} />}
              onClick={() => performAction(id)}
            >
              {title}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

const policies: readonly { readonly value: FailurePolicy; readonly label: string }[] = [
  { value: 'pause', label: 'on error: pause' },
  { value: 'abort', label: 'on error: abort' },
  { value: 'continue', label: 'on error: continue' },
];

export function RunControls() {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const { followConsoles } = stores.get(createRunConsoles);
  const { followActiveRuns } = stores.get(createActiveRuns);
  const { activeScenario } = stores.get(createOpenFiles);
  const { act } = stores.get(createRunSession);
  useEffect(() => registerActions(runActions(stores)), []);
  useEffect(followConsoles, []);
  useEffect(followActiveRuns, []);
  const live = useRunSession((session) => session.live);
  const archived = useRunSession((session) => session.archived);
  const coreLost = useSession((session) => session.connection.kind === 'lost');
  const front = useOpenFiles((files) => activeScenario(files)?.name ?? null);
  const control = useRunConsoles(hasControl);
  const opening = useOpening((state) => state.opening !== null);
  // Only what can be done now: a run of a thousand steps a second does not draw the buttons anew.
  const now = useRunSession(
    useShallow((session) =>
      possible(session.state, {
        live,
        starting: session.starting,
        control,
        archived: session.archived,
        lost: coreLost || session.resuming,
        scenario: front !== null && !opening,
      }),
    ),
  );
  const size = 16;
  return (
    <div>
      <Toolbar label="Run" kind="run">
        <Control
          label={now.go ? 'Go' : 'Start'}
          hint={now.go || front === null ? '' : front}
          keys="F5"
          enabled={now.start || now.go}
          tone="ok"
          onClick={() => void startOrGo(stores)}
        >
          <IconPlayerPlay size={size} />
        </Control>
        <Control
          label={now.retry ? 'Retry' : 'Pause'}
          keys="F6"
          enabled={now.pause || now.retry}
          tone="paused"
          onClick={() => void pauseOrRetry(stores)}
        >
          {now.retry ? <IconRefresh size={size} /> : <IconPlayerPause size={size} />}
        </Control>
        <Control label="Step" keys="F10" enabled={now.step} onClick={() => void step(stores, 'step')}>
          <IconStepInto size={size} />
        </Control>
        <Control label="Step over" keys="Shift+F10" enabled={now.go} onClick={() => void step(stores, 'step-over')}>
          <IconPlayerTrackNext size={size} />
        </Control>
        <Control label="Step out" keys="Shift+F11" enabled={now.go} onClick={() => void step(stores, 'step-out')}>
          <IconStepOut size={size} />
        </Control>
        <Control label="Skip" keys="F8" enabled={now.skip} onClick={() => void skip(stores)}>
          <IconPlayerSkipForward size={size} />
        </Control>
        <Control label="Stop" keys="Shift+F5" enabled={now.stop} tone="fail" onClick={() => void stop(stores)}>
          <IconPlayerStop size={size} />
        </Control>
        <MoreMenu />
        <RunStanding />
        <div className={style['right']}>
          <RunDecision />
          <OtherRuns />
          <ConsolesPopover />
          {now.close ? (
            <Control
              label={archived ? 'Return to live' : live ? 'Leave this run; it goes on' : 'Close this run'}
              enabled
              onClick={() => close(stores)}
            >
              <IconX size={size} />
            </Control>
          ) : null}
          <NotePopover enabled={now.note} onNote={(text) => act({ kind: 'note', text })} />
          <VariablesPopover />
          {archived ? null : <ReleaseAndPolicy disabled={live} />}
        </div>
      </Toolbar>
      <PromptBar />
      <StartWaitBar />
      <HazardDialog />
    </div>
  );
}

function ReleaseAndPolicy({ disabled }: { readonly disabled: boolean }) {
  const runOptions = useStores().get(createRunOptions);
  const { policy, release } = useRunOptions();
  const known = useSession((session) => session.environment?.release ?? '');
  return (
    <>
      <TextInput
        aria-label="Release candidate under test"
        placeholder={known || 'release'}
        value={release}
        disabled={disabled}
        w={110}
        onChange={(event) => runOptions.setState({ release: event.currentTarget.value.trim() })}
      />
      <Select
        aria-label="What happens when a step fails"
        data={[...policies]}
        value={policy}
        disabled={disabled}
        allowDeselect={false}
        w={140}
        onChange={(value) => {
          const chosen = policies.find((each) => each.value === value);
          if (chosen) runOptions.setState({ policy: chosen.value });
        }}
      />
    </>
  );
}

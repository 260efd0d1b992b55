/** The open files as tabs: which is in front, which have unsaved changes, how many problems each has. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowBarToRight, IconDeviceFloppy, IconLock, IconX } from '@tabler/icons-react';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { inertText } from '../../../components/inert-text.ts';
import { createActions } from '../../../stores/actions.ts';
import { createOpenFiles, isDirty, scenarioNameOf, useOpenFiles } from '../../../stores/open-files.ts';
import { useScenarioProblems } from '../../../stores/scenario-problems.ts';
import { createFollowing, useFollowing } from './following.ts';
import { counted } from '#shared/wording/counts.ts';
import style from './editor.module.css';
import { useStores } from '../../../stores/context.ts';

export function EditorTabs() {
  const stores = useStores();
  const { toggleFollowing } = stores.get(createFollowing);
  const { performAction } = stores.get(createActions);
  // Texts change with every key; the tabs only when what they show does.
  const tabs = useOpenFiles(
    useShallow((state) => state.files.map((file) => `${isDirty(file) ? '*' : '.'}${file.readOnly ? 'r' : 'w'}${file.path}`)),
  );
  const active = useOpenFiles((state) => state.active);
  const following = useFollowing((state) => state.following);
  return (
    <div className={style['tabs']}>
      <div role="tablist" aria-label="Open files" className={style['tabList']}>
        {tabs.map((tab) => (
          <EditorTab
            key={tab.slice(2)}
            path={tab.slice(2)}
            dirty={tab.startsWith('*')}
            readOnly={tab[1] === 'r'}
            active={tab.slice(2) === active}
          />
        ))}
      </div>
      <Tooltip label="Follow the run" openDelay={400}>
        <ActionIcon
          size="sm"
          variant={following ? 'light' : 'subtle'}
          aria-label="Follow the run"
          aria-pressed={following}
          onClick={toggleFollowing}
        >
          <IconArrowBarToRight size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Save (Ctrl+S)" openDelay={400}>
        <ActionIcon size="sm" variant="subtle" aria-label="Save" onClick={() => performAction('editor.save')}>
          <IconDeviceFloppy size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

interface EditorTabProps {
  readonly path: string;
  readonly dirty: boolean;
  readonly readOnly: boolean;
  readonly active: boolean;
}

function EditorTab({ path, dirty, readOnly, active }: EditorTabProps) {
  const { activateNeighbour, closeFile, activateFile } = useStores().get(createOpenFiles);
  const own = useRef<HTMLDivElement>(null);
  const errors = useScenarioProblems((state) => state.counts.get(path)?.errors ?? 0);
  const name = inertText(path.startsWith('run:') ? scenarioNameOf(path) : (path.split('/').at(-1) ?? path));
  useEffect(() => {
    if (active) own.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active]);
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowRight') activateNeighbour(1);
    else if (event.key === 'ArrowLeft') activateNeighbour(-1);
    else if (event.key === 'Delete') closeFile(path);
    else return;
    event.preventDefault();
    const tabs = own.current?.closest('[role=tablist]');
    requestAnimationFrame(() => tabs?.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus());
  };
  return (
    <div className={style['tabFrame']} data-active={active}>
      <div
        ref={own}
        role="tab"
        className={style['tab']}
        aria-selected={active}
        aria-label={`${name}${dirty ? ', unsaved changes' : ''}${readOnly ? ', from the archive' : ''}${errors > 0 ? `, ${counted(errors, 'error')}` : ''}`}
        tabIndex={active ? 0 : -1}
        title={inertText(path)}
        data-errors={errors > 0}
        onClick={() => activateFile(path)}
        onAuxClick={(event) => {
          if (event.button === 1) closeFile(path);
        }}
        onKeyDown={keys}
      >
        {readOnly ? <IconLock size={12} aria-hidden /> : null}
        <span className="clipped">{name}</span>
        <span className={style['dirty']} aria-hidden>
          {dirty ? '●' : ''}
        </span>
      </div>
      {/* For the mouse; with the keyboard a tab is closed by Delete or Alt+W. A list of tabs may hold nothing but tabs. */}
      <span className={style['close']} aria-hidden title={`Close ${name}`} onClick={() => closeFile(path)}>
        <IconX size={12} />
      </span>
    </div>
  );
}

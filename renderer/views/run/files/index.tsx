/** The files of the workspace: a tree to open them from, and the search through all scenarios. */
import { ActionIcon, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import { IconFolderOpen, IconPlus } from '@tabler/icons-react';
import { useEffect, useRef, type RefObject } from 'react';
import { createStore } from 'zustand/vanilla';
import { EmptyState } from '../../../components/empty-state.tsx';
import { createActions } from '../../../stores/actions.ts';
import { createEditingSession } from '../../../stores/editing-session.ts';
import { createOpenFiles } from '../../../stores/open-files.ts';
import { createScenarioProblems } from '../../../stores/scenario-problems.ts';
import { createSession, useSession } from '../../../stores/session.ts';
import { useWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { createFileDialog, FileDialogs } from './file-dialogs.tsx';
import { FileTree } from './file-tree.tsx';
import { SearchResults } from './search-results.tsx';
import style from './files.module.css';
import { storeHook, useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

type Mode = 'names' | 'texts';

export function createFilesView(stores: Stores) {
  const session = stores.get(createSession);
  const openFiles = stores.get(createOpenFiles);
  const { registerActions } = stores.get(createActions);
  const fileDialog = stores.get(createFileDialog);

  const filesView = createStore<{ readonly mode: Mode; readonly filter: string; readonly focused: number }>(() => ({
    mode: 'names',
    filter: '',
    focused: 0,
  }));

  function focusSearch(mode: Mode): void {
    filesView.setState(({ focused }) => ({ mode, focused: focused + 1 }));
  }

  function filesActions() {
    const there = (): boolean => session.getState().workspace !== null;
    const shown = (): string | null => {
      const { active, files } = openFiles.getState();
      return files.find(({ path, readOnly }) => path === active && !readOnly)?.path ?? null;
    };
    const group = 'Editor';
    return registerActions([
      {
        id: 'files.new-scenario',
        title: 'New scenario…',
        group,
        keys: ['Mod+Alt+N'],
        whileTyping: true,
        enabled: there,
        perform: () => fileDialog.setState({ dialog: { kind: 'new' } }),
      },
      {
        id: 'files.find',
        title: 'Find in all scenarios',
        group,
        keys: ['Mod+Shift+F'],
        whileTyping: true,
        enabled: there,
        perform: () => focusSearch('texts'),
      },
      {
        id: 'files.filter',
        title: 'Find a file by its name',
        group,
        keys: ['Mod+Shift+E'],
        whileTyping: true,
        enabled: there,
        perform: () => focusSearch('names'),
      },
      {
        id: 'files.rename',
        title: 'Rename the file in front…',
        group,
        enabled: () => shown()?.endsWith('.scn') ?? false,
        perform: () => {
          const path = shown();
          if (path !== null) fileDialog.setState({ dialog: { kind: 'rename', path } });
        },
      },
      {
        id: 'files.delete',
        title: 'Delete the file in front…',
        group,
        enabled: () => shown() !== null,
        perform: () => {
          const path = shown();
          if (path !== null) fileDialog.setState({ dialog: { kind: 'delete', path } });
        },
      },
    ]);
  }

  return { ...filesView, filesActions };
}

const useFilesView = storeHook(createFilesView);

export function FilesPanel() {
  const stores = useStores();
  const { startEditing } = stores.get(createEditingSession);
  const { filesActions } = stores.get(createFilesView);
  const { countProblems } = stores.get(createScenarioProblems);
  const workspace = useSession((state) => state.workspace);
  const known = useWorkspaceFiles((state) => state.known);
  const any = useWorkspaceFiles((state) => state.files.length > 0);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    startEditing();
    const ends = [filesActions(), countProblems()];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  if (!workspace) return <EmptyState icon={<IconFolderOpen size={32} stroke={1.5} />} title="No workspace is open" />;
  return (
    <div ref={panel} className={style['panel']}>
      <FilesHeader panel={panel} />
      {known && !any ? (
        <EmptyState title="This folder has no files yet">
          <p>Press + for a new scenario.</p>
        </EmptyState>
      ) : (
        <FilesBody />
      )}
      <FileDialogs />
    </div>
  );
}

function FilesHeader({ panel }: { readonly panel: RefObject<HTMLDivElement | null> }) {
  const stores = useStores();
  const filesView = stores.get(createFilesView);
  const fileDialog = stores.get(createFileDialog);
  const { mode, filter, focused } = useFilesView();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused > 0) input.current?.select();
  }, [focused, mode]);
  return (
    <div className={style['header']}>
      <div className={style['row']}>
        <SegmentedControl
          size="xs"
          fullWidth
          className={style['mode']}
          aria-label="What to look for"
          value={mode}
          onChange={(value) => filesView.setState({ mode: value === 'texts' ? 'texts' : 'names' })}
          data={[
            { value: 'names', label: 'Files' },
            { value: 'texts', label: 'Search' },
          ]}
        />
        <Tooltip label="New scenario" openDelay={400}>
          <ActionIcon size="sm" variant="subtle" aria-label="New scenario" onClick={() => fileDialog.setState({ dialog: { kind: 'new' } })}>
            <IconPlus size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <TextInput
        ref={input}
        size="xs"
        aria-label={mode === 'names' ? 'Filter files by name' : 'Find in all scenarios'}
        placeholder={mode === 'names' ? 'Filter by name' : 'Find in all scenarios'}
        value={filter}
        onChange={(event) => filesView.setState({ filter: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') filesView.setState({ filter: '' });
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            panel.current?.querySelector<HTMLElement>('[data-row][tabindex="0"]')?.focus();
          }
        }}
      />
    </div>
  );
}

function FilesBody() {
  const { mode, filter } = useFilesView();
  return mode === 'names' ? <FileTree filter={filter} /> : <SearchResults wanted={filter} />;
}

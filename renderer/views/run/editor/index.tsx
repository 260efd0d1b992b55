/** The editor of the Run view: open files as tabs, the code editor, what asks for a decision above it. */
import { EmptyState } from '../../../components/empty-state.tsx';
import { Button } from '@mantine/core';
import { IconFileCode } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { createRunTexts } from '../../../stores/run-texts.ts';
import { createEditingSession } from '../../../stores/editing-session.ts';
import { useOpenFiles } from '../../../stores/open-files.ts';
import { useSession } from '../../../stores/session.ts';
import { createActions } from '../../../stores/actions.ts';
import { ApplyEditBar } from './apply-edit.tsx';
import { ClosingDialog, ConflictDialog, OutsideBar, ReadOnlyBar } from './decisions.tsx';
import { BreakpointPopover } from './breakpoint-popover.tsx';
import { CodeEditorHost } from './code-editor.tsx';
import type { CodeEditor } from './monaco.ts';
import { EditorTabs } from './editor-tabs.tsx';
import style from './editor.module.css';
import { useStores } from '../../../stores/context.ts';

export function EditorPanel() {
  const stores = useStores();
  const { startEditing } = stores.get(createEditingSession);
  const { followRunTexts } = stores.get(createRunTexts);
  const any = useOpenFiles((state) => state.files.length > 0);
  const editor = useRef<CodeEditor | null>(null);
  useEffect(startEditing, []);
  useEffect(followRunTexts, []);
  return (
    <div className={style['panel']}>
      {any ? <EditorTabs /> : null}
      <ReadOnlyBar />
      <OutsideBar />
      <ApplyEditBar />
      <div className={style['stage']}>
        <CodeEditorHost editor={editor} />
        <BreakpointPopover onClosed={() => editor.current?.focus()} />
        {any ? null : <NothingOpen />}
      </div>
      <ClosingDialog />
      <ConflictDialog />
    </div>
  );
}

function NothingOpen() {
  const { performAction } = useStores().get(createActions);
  const workspace = useSession((state) => state.workspace);
  return (
    <div className={style['nothing']}>
      <EmptyState icon={<IconFileCode size={32} stroke={1.5} />} title="No scenario is open">
        <p>Choose one in the files on the left, or begin a new one. What you type is kept, even if this window crashes.</p>
        <Button size="xs" disabled={!workspace} onClick={() => performAction('files.new-scenario')}>
          New scenario
        </Button>
      </EmptyState>
    </div>
  );
}

/** What the operator has to decide about a file: changed by others, save refused, closing with unsaved changes. */
import { Box, Button, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { ConfirmationButtons } from '../../../components/confirmation-buttons.tsx';
import { createOpenFiles, useOpenFiles } from '../../../stores/open-files.ts';
import { createSaving } from '../../../stores/saving.ts';
import { useReplay } from '../../../stores/replay/replay.ts';
import { readTheirs } from '../../../stores/file-access.ts';
import { DiffView } from './diff-view.tsx';
import style from './editor.module.css';
import { useStores } from '../../../stores/context.ts';

function useActiveFile() {
  return useOpenFiles((state) => state.files.find(({ path }) => path === state.active));
}

/** Says that a text belongs to an archived run. */
export function ReadOnlyBar() {
  const readOnly = useActiveFile()?.readOnly ?? false;
  // A replay says it above everything; this is for texts that are left open after it.
  const replaying = useReplay((state) => state.run !== null);
  if (!readOnly || replaying) return null;
  return (
    <div className={style['bar']} data-tone="muted" role="status">
      <span>From the archive: the text that this run executed. It cannot be changed.</span>
    </div>
  );
}

/** Says that somebody else changed or removed a file in which there are unsaved changes. */
export function OutsideBar() {
  const stores = useStores();
  const { takeTheirs, compareWithTheirs } = stores.get(createSaving);
  const { closeFile } = stores.get(createOpenFiles);
  const file = useActiveFile();
  if (!file || file.outside === 'same') return null;
  const { path, outside } = file;
  const reload = async (): Promise<void> => {
    const theirs = await readTheirs(stores, path);
    if (theirs) takeTheirs(path, theirs);
  };
  return (
    <div className={style['bar']} data-tone="warn" role="alert">
      <span>
        {outside === 'changed'
          ? 'Somebody else changed this file, and you have unsaved changes.'
          : 'Somebody else removed this file. Your text is still here; save to write it again.'}
      </span>
      <Group gap={8} wrap="nowrap">
        {outside === 'changed' ? (
          <>
            <Button size="compact-xs" onClick={() => void compareWithTheirs(path)}>
              Compare…
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => void reload()}>
              Take theirs
            </Button>
          </>
        ) : (
          <Button size="compact-xs" variant="default" onClick={() => closeFile(path, true)}>
            Close it
          </Button>
        )}
      </Group>
    </div>
  );
}

/** A save was refused: whose text is it to be? */
export function ConflictDialog() {
  const { resolveConflict } = useStores().get(createSaving);
  const conflict = useOpenFiles((state) => state.conflict);
  const [comparing, setComparing] = useState(false);
  const mine = useOpenFiles((state) => state.files.find(({ path }) => path === conflict?.path)?.text);
  if (!conflict || mine === undefined) return null;
  const decide = (decision: 'mine' | 'theirs' | 'later'): void => {
    setComparing(false);
    void resolveConflict(decision);
  };
  const { path, theirs } = conflict;
  return (
    <Modal opened onClose={() => decide('later')} title={`${path} was changed by somebody else`} size={comparing ? '80%' : 'md'}>
      <Text size="xs" mb={8}>
        {theirs
          ? 'The file is not what it was when you began. Nothing was written yet.'
          : 'The file was removed or renamed. Nothing was written yet.'}
      </Text>
      {comparing && theirs ? (
        <DiffView left={theirs.text} right={mine} leftName="Theirs, as it is saved" rightName="Mine, as I typed it" />
      ) : null}
      <Box mt={12}>
        <ConfirmationButtons size="xs" safe="Decide later" onSafe={() => decide('later')} risky="Keep mine" onRisky={() => decide('mine')}>
          {theirs && !comparing ? (
            <Button size="xs" variant="default" onClick={() => setComparing(true)}>
              Compare
            </Button>
          ) : null}
          {theirs ? (
            <Button size="xs" variant="default" onClick={() => decide('theirs')}>
              Take theirs
            </Button>
          ) : null}
        </ConfirmationButtons>
      </Box>
    </Modal>
  );
}

/** A file with unsaved changes is to be closed. */
export function ClosingDialog() {
  const stores = useStores();
  const openFiles = stores.get(createOpenFiles);
  const { fileOf, closeFile } = openFiles;
  const { saveFile } = stores.get(createSaving);
  const closing = useOpenFiles((state) => state.closing);
  if (closing === null || !fileOf(closing)) return null;
  const stay = (): void => openFiles.setState({ closing: null });
  const save = async (): Promise<void> => {
    stay();
    if (await saveFile(closing)) closeFile(closing);
  };
  return (
    <Modal opened onClose={stay} title={`Save the changes of ${closing}?`}>
      <Text size="xs">If you do not save them, they are gone.</Text>
      <Box mt={12}>
        <ConfirmationButtons size="xs" safe="Stay" onSafe={stay} risky="Give them up" onRisky={() => closeFile(closing, true)} destructive>
          <Button size="xs" onClick={() => void save()}>
            Save
          </Button>
        </ConfirmationButtons>
      </Box>
    </Modal>
  );
}

/** The bar that says the text differs from what the run executes, and the preview of the change before it is applied. */
import { Box, Button, Group, Modal, Text } from '@mantine/core';
import { ConfirmationButtons } from '../../../components/confirmation-buttons.tsx';
import { createOpenFiles, useOpenFiles } from '../../../stores/open-files.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useRunTexts } from '../../../stores/run-texts.ts';
import { createApplyEdit, useApplyEdit, type EditOfRun } from './apply-edit-store.ts';
import { DiffView } from './diff-view.tsx';
import style from './editor.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

function useEdit(): EditOfRun | null {
  const { editOfRun } = useStores().get(createApplyEdit);
  // The edit is worked out of these; they say when to do it anew.
  useOpenFiles((state) => state.files.find(({ path }) => path === state.active)?.text);
  useRunTexts((state) => state.texts);
  useRunSession((state) => state.state.status);
  useRunSession((state) => state.live);
  return editOfRun();
}

export function ApplyEditBar() {
  const stores = useStores();
  const applyEditStore = stores.get(createApplyEdit);
  const { applyEdit } = applyEditStore;
  const edit = useEdit();
  const { previewed, applying } = useApplyEdit();
  if (!edit) return null;
  const preview = (): void => applyEditStore.setState({ previewed: true });
  const close = (): void => applyEditStore.setState({ previewed: false });
  return (
    <div className={style['bar']} data-tone="paused" role="status">
      <span>
        {edit.paused
          ? 'This text differs from what the paused run executes.'
          : 'This text differs from what the run executes. Pause the run to change its remaining lines.'}
      </span>
      <Group gap={8} wrap="nowrap">
        <Button size="compact-xs" disabled={!edit.paused} onClick={preview}>
          Apply to the run…
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => takeBack(stores, edit)}>
          Take back
        </Button>
      </Group>
      <Modal opened={previewed && edit.paused} onClose={close} size="80%" title="Change the remaining lines of the run">
        <Text size="xs" mb={8}>
          Left: what {edit.scenario} is in the run now. Right: what it becomes. The change is recorded in the log of the run.
        </Text>
        <DiffView left={edit.before} right={edit.after} leftName="In the run" rightName="After the change" />
        <Box mt={12}>
          <ConfirmationButtons
            size="xs"
            safe="Not now"
            onSafe={close}
            risky="Apply to the run"
            onRisky={() => void applyEdit()}
            loading={applying}
          />
        </Box>
      </Modal>
    </div>
  );
}

function takeBack(stores: Stores, edit: EditOfRun): void {
  const { fileOf, updateFile } = stores.get(createOpenFiles);
  if (fileOf(edit.path)) updateFile(edit.path, { text: edit.before });
}

/** Where a run is exported to and imported from: a path on the core's computer, or the host's own dialog where it has one. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { RunId } from '#shared/identifiers.ts';
import { useSession } from '../../stores/session.ts';
import { exportRun, importRun, useArchive } from './archive-store.ts';

export async function askExportFile(run: RunId): Promise<void> {
  const host = window.testopsHost;
  if (!host?.chooseExportFile) return useArchive.setState({ dialog: { kind: 'export', run } });
  const file = await host.chooseExportFile(`${run}.testops-run`);
  if (file) await exportRun(run, file);
}

export async function askImportFile(): Promise<void> {
  const host = window.testopsHost;
  if (!host?.chooseBundle) return useArchive.setState({ dialog: { kind: 'import' } });
  const file = await host.chooseBundle();
  if (file) await importRun(file);
}

interface PathFormProps {
  readonly label: string;
  readonly button: string;
  readonly initial: string;
  readonly onSubmit: (file: string) => void;
}

function PathForm({ label, button, initial, onSubmit }: PathFormProps) {
  const [file, setFile] = useState(initial);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (file.trim() !== '') onSubmit(file.trim());
      }}
    >
      <TextInput
        label={label}
        value={file}
        onChange={(event) => setFile(event.currentTarget.value)}
        spellCheck={false}
        data-autofocus
        mb="md"
      />
      <Group justify="flex-end" gap="sm">
        <Button onClick={() => useArchive.setState({ dialog: null })}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={file.trim() === ''}>
          {button}
        </Button>
      </Group>
    </form>
  );
}

/** Beside the archive: a folder that is there for sure. */
function suggestedFile(run: RunId): string {
  const archive = useSession.getState().information?.archiveFolder ?? '';
  return `${archive.replace(/[/\\][^/\\]*$/, '')}/${run}.testops-run`;
}

export function ArchiveDialogs() {
  const dialog = useArchive((state) => state.dialog);
  return (
    <Modal
      opened={dialog !== null}
      onClose={() => useArchive.setState({ dialog: null })}
      title={dialog?.kind === 'export' ? 'Export a run' : 'Import a run'}
      size={640}
    >
      {dialog?.kind === 'export' && (
        <PathForm
          label="File to write on the core's computer"
          button="Export"
          initial={suggestedFile(dialog.run)}
          onSubmit={(file) => void exportRun(dialog.run, file)}
        />
      )}
      {dialog?.kind === 'import' && (
        <PathForm label="A .testops-run file on the core's computer" button="Import" initial="" onSubmit={(file) => void importRun(file)} />
      )}
    </Modal>
  );
}

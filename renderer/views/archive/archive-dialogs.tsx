/** Where a run is imported from: the host's own dialog where it has one, else a file of the operator's computer or of the core's. */
import { Button, FileButton, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { bundleEnding } from '../../stores/run-files.ts';
import { createArchive, useArchive } from './archive-store.ts';
import { importFiles, importPath } from './incoming-runs.ts';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

export async function askImportFile(stores: Stores): Promise<void> {
  const host = window.testopsHost;
  if (!host?.chooseBundle) return stores.get(createArchive).setState({ importing: true });
  const file = await host.chooseBundle();
  if (file) await importPath(stores, file);
}

const close = (stores: Stores): void => stores.get(createArchive).setState({ importing: false });

function ImportForm() {
  const stores = useStores();
  const [path, setPath] = useState('');
  return (
    <>
      <Group justify="space-between" wrap="nowrap" mb="md">
        <span>A {bundleEnding} file of your computer. Dropped anywhere on the console, it is imported too.</span>
        <FileButton
          accept={bundleEnding}
          multiple
          onChange={(files) => {
            close(stores);
            void importFiles(stores, files);
          }}
        >
          {(props) => (
            <Button {...props} variant="filled" data-autofocus flex="none">
              Choose files…
            </Button>
          )}
        </FileButton>
      </Group>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() === '') return;
          close(stores);
          void importPath(stores, path.trim());
        }}
      >
        <TextInput
          label={`Or a ${bundleEnding} file on the core's computer`}
          placeholder="/home/me/run.testops-run"
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          spellCheck={false}
          mb="md"
        />
        <Group justify="flex-end" gap="sm">
          <Button onClick={() => close(stores)}>Cancel</Button>
          <Button type="submit" disabled={path.trim() === ''}>
            Import
          </Button>
        </Group>
      </form>
    </>
  );
}

export function ArchiveDialogs() {
  const stores = useStores();
  const importing = useArchive((state) => state.importing);
  return (
    <Modal opened={importing} onClose={() => close(stores)} title="Import a run" size={640} closeButtonProps={{ 'aria-label': 'Close' }}>
      <ImportForm />
    </Modal>
  );
}

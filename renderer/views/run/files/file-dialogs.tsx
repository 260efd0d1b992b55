/** Dialogs of the files panel: a new scenario, another name, and whether a file may go. */
import { Box, Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { createStore } from 'zustand/vanilla';
import { ConfirmationButtons } from '../../../components/confirmation-buttons.tsx';
import { deleteFile, folderOf, inFolder, nameProblem, newScenario, renameFile, scenarioFolder } from './file-changes.ts';
import { storeHook, useStores } from '../../../stores/context.ts';

export type FileDialog =
  { readonly kind: 'none' } | { readonly kind: 'new' } | { readonly kind: 'rename' | 'delete'; readonly path: string };

interface NameFormProps {
  readonly title: string;
  readonly label: string;
  readonly initial: string;
  readonly folder: string;
  readonly action: string;
  readonly perform: (name: string) => void;
}

export function createFileDialog() {
  const fileDialog = createStore<{ readonly dialog: FileDialog }>(() => ({ dialog: { kind: 'none' } }));

  const close = (): void => fileDialog.setState({ dialog: { kind: 'none' } });

  return { ...fileDialog, close };
}

export const useFileDialog = storeHook(createFileDialog);

export function FileDialogs() {
  const dialog = useFileDialog((state) => state.dialog);
  switch (dialog.kind) {
    case 'none':
      return null;
    case 'new':
      return <NewScenario />;
    case 'rename':
      return <Rename path={dialog.path} />;
    case 'delete':
      return <Delete path={dialog.path} />;
  }
}

function NameForm({ title, label, initial, folder, action, perform }: NameFormProps) {
  const stores = useStores();
  const { close } = stores.get(createFileDialog);
  const [name, setName] = useState(initial);
  const problem = name === initial && initial !== '' ? null : nameProblem(stores, name, folder);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (problem !== null) return;
    close();
    if (name !== initial) perform(name);
  };
  return (
    <Modal opened onClose={close} title={title}>
      <form onSubmit={submit}>
        <TextInput
          size="xs"
          label={label}
          description={inFolder(folder, `${name === '' ? 'name' : name}.scn`)}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={name === '' ? null : problem}
          data-autofocus
        />
        <Group justify="flex-end" gap={8} mt={12}>
          <Button size="xs" variant="default" onClick={close}>
            Cancel
          </Button>
          <Button size="xs" type="submit" disabled={problem !== null}>
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function NewScenario() {
  const stores = useStores();
  const folder = scenarioFolder(stores);
  return (
    <NameForm
      title="New scenario"
      label="Name"
      initial=""
      folder={folder}
      action="Create"
      perform={(name) => newScenario(stores, name, folder)}
    />
  );
}

function Rename({ path }: { readonly path: string }) {
  const stores = useStores();
  const folder = folderOf(path);
  const before = (path.split('/').at(-1) ?? path).replace(/\.scn$/, '');
  const perform = (name: string): void => void renameFile(stores, path, inFolder(folder, `${name}.scn`));
  return <NameForm title={`Rename ${path}`} label="New name" initial={before} folder={folder} action="Rename" perform={perform} />;
}

function Delete({ path }: { readonly path: string }) {
  const stores = useStores();
  const { close } = stores.get(createFileDialog);
  return (
    <Modal opened onClose={close} title={`Delete ${path}?`}>
      <Text size="xs">The file is removed from the workspace. Runs of it stay in the archive, with its text.</Text>
      <Box mt={12}>
        <ConfirmationButtons
          size="xs"
          safe="Keep it"
          onSafe={close}
          risky="Delete"
          onRisky={() => {
            close();
            void deleteFile(stores, path);
          }}
          destructive
        />
      </Box>
    </Modal>
  );
}

/** What the archive takes, run by run, what may go by which rules, and removing it. */
import { Button, Checkbox, Group, Modal, NumberInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { ConfirmationButtons } from '../../components/confirmation-buttons.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { useDataGrid, type GridColumn, type GridDefinition } from '../../components/data-grid-columns.ts';
import { DecisionLabel } from '../decisions/index.tsx';
import { inOrder, isChosen, isOpen, rankOf, removalOf, type PreviewedRun } from './storage-choice.ts';
import { createStorage, areKept, useStorage } from './storage-store.ts';
import style from './storage-dialog.module.css';
import { useStores } from '../../stores/context.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';

/** px */
const rowHeight = 26;
/** Accepted runs that are named in the last question; more are counted. */
const mostNamed = 5;

/** An empty field is no rule; what is no number is not taken. */
function ruleOf(value: string | number): number | null | undefined {
  if (value === '') return null;
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function Rules() {
  const { tryRules, keepRules } = useStores().get(createStorage);
  const { kept, rules } = useStorage();
  const same = areKept({ kept, rules });
  return (
    <div className={style['rules']}>
      <NumberInput
        label="Keep the last of each scenario and release"
        placeholder="all"
        value={rules.keepLast ?? ''}
        min={0}
        max={10_000}
        allowDecimal={false}
        clampBehavior="strict"
        onChange={(value) => {
          const keepLast = ruleOf(value);
          if (keepLast !== undefined) tryRules({ keepLast });
        }}
        data-autofocus
      />
      <NumberInput
        label="Keep what is not older than (days)"
        placeholder="any age"
        value={rules.maximumAge ?? ''}
        min={0}
        max={36_500}
        clampBehavior="strict"
        onChange={(value) => {
          const maximumAge = ruleOf(value);
          if (maximumAge !== undefined) tryRules({ maximumAge });
        }}
      />
      <Button disabled={same} onClick={() => void keepRules()}>
        {same ? 'These rules hold' : 'Make these the rules'}
      </Button>
    </div>
  );
}

function Box({ run }: { readonly run: PreviewedRun }) {
  const storage = useStores().get(createStorage);
  const choice = useStorage((state) => state.choice);
  return (
    <Checkbox
      size="xs"
      // By keyboard it is the space bar, on the row.
      tabIndex={-1}
      aria-label={`Remove ${run.run}`}
      checked={isChosen(run, choice)}
      disabled={!isOpen(run)}
      onChange={() => storage.toggleRun(run)}
    />
  );
}

const columns: readonly GridColumn<PreviewedRun>[] = [
  { name: 'remove', title: 'Remove', width: 64, value: rankOf, cell: (run) => <Box run={run} /> },
  { name: 'run', title: 'Run', width: 250, growsTo: 300, value: ({ run }) => run, cell: ({ run }) => run, tip: ({ run }) => run },
  {
    name: 'size',
    title: 'Size',
    width: 76,
    isNumber: true,
    value: ({ bytes }) => bytes,
    descendingFirst: true,
    cell: ({ bytes }) => quantityText(bytes, 'bytes', 'steady'),
  },
  {
    name: 'decision',
    title: 'Decision',
    width: 100,
    value: ({ decision }) => decision,
    cell: ({ decision }) => <DecisionLabel decision={decision} />,
  },
  {
    name: 'why',
    title: 'Why',
    width: 240,
    growsTo: Infinity,
    value: ({ reason }) => reason,
    cell: ({ goes, reason }) => (goes ? reason : `stays: ${reason}`),
    tip: ({ reason }) => reason,
  },
];

/** Without an order of its own: what goes stands first, from the largest on, until somebody sorts it. */
const storageGrid: GridDefinition<PreviewedRun> = { name: 'storage', columns, keyOf: ({ run }) => run };

function Runs({ runs }: { readonly runs: readonly PreviewedRun[] }) {
  const { toggleRun } = useStores().get(createStorage);
  const choice = useStorage((state) => state.choice);
  const [current, setCurrent] = useState<string | null>(null);
  const grid = useDataGrid(storageGrid, runs);
  return (
    <DataGrid
      grid={grid}
      label="Runs and their sizes"
      current={current}
      rowHeight={rowHeight}
      className={style['runs']}
      dataOf={(run) => ({ 'data-chosen': isChosen(run, choice) || undefined })}
      onChoose={({ run }) => setCurrent(run)}
      onToggle={toggleRun}
    />
  );
}

/** Names the accepted runs that would go: those above all must not go by a slip. */
function LastQuestion({ accepted }: { readonly accepted: readonly string[] }) {
  if (accepted.length === 0) return <p className={style['question']}>Runs that are removed cannot be brought back later.</p>;
  return <p className={style['question']}>Among them are accepted runs, which comparisons need: {listed(accepted, mostNamed)}.</p>;
}

function Removing() {
  const stores = useStores();
  const storage = stores.get(createStorage);
  const { removeChosen, closeStorage } = storage;
  const { preview, choice, asking } = useStorage();
  const removal = useMemo(() => removalOf(preview?.runs ?? [], choice), [preview, choice]);
  const what = `${counted(removal.runs.length, 'run')} (${quantityText(removal.bytes, 'bytes')})`;
  if (asking && removal.runs.length > 0) {
    return (
      <div role="alertdialog" aria-label="Remove for good?">
        <LastQuestion accepted={removal.accepted} />
        <ConfirmationButtons
          safe="Do not remove"
          onSafe={() => storage.setState({ asking: false })}
          risky={`Remove ${what}`}
          onRisky={removeChosen}
          destructive
        />
      </div>
    );
  }
  return (
    <Group justify="flex-end" gap="sm">
      <Button onClick={closeStorage}>Close</Button>
      <Button variant="filled" disabled={removal.runs.length === 0} onClick={() => storage.setState({ asking: true })}>
        Remove {what}…
      </Button>
    </Group>
  );
}

function Content() {
  const preview = useStorage((state) => state.preview);
  const runs = useMemo(() => inOrder(preview?.runs ?? []), [preview]);
  const going = runs.filter(({ goes }) => goes);
  const bytes = going.reduce((sum, run) => sum + run.bytes, 0);
  return (
    <div className={style['content']}>
      <Rules />
      <p className={style['sum']} role="status">
        {preview === null
          ? 'Looking at the runs …'
          : `${counted(runs.length, 'run')}, ${quantityText(preview.total, 'bytes')}. By these rules ${counted(going.length, 'run')} may go (${quantityText(bytes, 'bytes')}); what was accepted stays unless it is ticked.`}
      </p>
      <Runs runs={runs} />
      <Removing />
    </div>
  );
}

export function StorageDialog() {
  const { closeStorage } = useStores().get(createStorage);
  const opened = useStorage((state) => state.opened);
  return (
    <Modal opened={opened} onClose={closeStorage} title="Storage" size={920}>
      {opened && <Content />}
    </Modal>
  );
}

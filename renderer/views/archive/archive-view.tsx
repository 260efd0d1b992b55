/** The archive: every run that was made or imported here; look at it again, hand it on, delete it. */
import { Button, Loader, Select, TextInput } from '@mantine/core';
import { IconArchive, IconDatabase, IconFileImport } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import { createArchivedRuns, useArchivedRuns, type ArchivedRun } from '../../stores/archived-runs.ts';
import { useDataGrid } from '../../components/data-grid-columns.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page } from '../../components/page.tsx';
import { Toolbar } from '../../components/toolbar.tsx';
import type { Verdict } from '../../components/verdict-label.tsx';
import { createActions, type Action } from '../../stores/actions.ts';
import { createRunFiles } from '../../stores/run-files.ts';
import { useConnectionGeneration } from '../../stores/remarks.ts';
import { ArchiveDialogs, askImportFile } from './archive-dialogs.tsx';
import type { ArchiveFilter } from './archive-rows.ts';
import { chosenOf } from './archive-selection.ts';
import { createArchive, shownRuns, useArchive } from './archive-store.ts';
import { runsGrid } from './archive-columns.tsx';
import { ArchiveTable } from './archive-table.tsx';
import { RunDetails } from './run-details.tsx';
import { SeveralRuns } from './several-runs.tsx';
import { StorageDialog } from './storage-dialog.tsx';
import { createStorage } from './storage-store.ts';
import style from './archive.module.css';
import { countText, counted } from '#shared/wording/counts.ts';
import { decisions } from '#shared/run/run-words.ts';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

const verdicts: readonly Verdict[] = ['passed', 'failed', 'error', 'stopped', 'interrupted', 'running', 'damaged'];

function withSelected(stores: Stores, perform: (run: ArchivedRun) => void): Pick<Action, 'enabled' | 'perform'> {
  const { chosenRuns } = stores.get(createArchive);
  return {
    enabled: () => chosenRuns().length === 1,
    perform: () => chosenRuns().forEach(perform),
  };
}

/** `focusFilter` puts the keyboard into the filter. */
function useArchiveActions(focusFilter: () => void): void {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const { openRun, chosenRuns, deleteRuns, rebuildList } = stores.get(createArchive);
  const { handOut } = stores.get(createRunFiles);
  const { openStorage } = stores.get(createStorage);
  useEffect(
    () =>
      registerActions([
        { id: 'archive.filter', title: 'Filter the runs', group: 'Archive', keys: ['Mod+F'], whileTyping: true, perform: focusFilter },
        { id: 'archive.open', title: 'Open the selected run', group: 'Archive', ...withSelected(stores, openRun) },
        {
          id: 'archive.export',
          title: 'Export the selected run…',
          group: 'Archive',
          keys: ['Mod+E'],
          ...withSelected(stores, (run) => void handOut(run.run)),
        },
        {
          id: 'archive.delete',
          title: 'Delete the selected runs',
          group: 'Archive',
          enabled: () => chosenRuns().length > 0,
          perform: () => deleteRuns(chosenRuns()),
        },
        { id: 'archive.import', title: 'Import a run…', group: 'Archive', keys: ['Mod+I'], perform: () => askImportFile(stores) },
        { id: 'archive.storage', title: 'Storage: what the runs take, what may go…', group: 'Archive', perform: openStorage },
        { id: 'archive.rebuild', title: 'Make the list of runs anew', group: 'Archive', perform: rebuildList },
      ]),
    [focusFilter],
  );
}

function setFilter(stores: Stores, change: Partial<ArchiveFilter>): void {
  stores.get(createArchive).setState((state) => ({ filter: { ...state.filter, ...change } }));
}

interface ArchiveToolsProps {
  readonly runs: readonly ArchivedRun[];
  readonly shown: number;
  readonly filterInput: React.RefObject<HTMLInputElement | null>;
}

function ArchiveTools({ runs, shown, filterInput }: ArchiveToolsProps) {
  const stores = useStores();
  const { performAction } = stores.get(createActions);
  const { filter, busy } = useArchive();
  const releases = useMemo(() => [...new Set(runs.map((run) => run.release))].sort(), [runs]);
  return (
    <Toolbar label="Which runs are shown">
      <TextInput
        ref={filterInput}
        aria-label="Filter runs"
        placeholder="Filter: scenario, operator, reason …"
        value={filter.text}
        onChange={(event) => setFilter(stores, { text: event.currentTarget.value })}
        w={220}
      />
      <Select
        aria-label="Verdict"
        placeholder="Any verdict"
        data={verdicts}
        value={filter.verdict}
        onChange={(verdict) => setFilter(stores, { verdict })}
        clearable
        w={130}
      />
      <Select
        aria-label="Release"
        placeholder="Any release"
        data={releases}
        value={filter.release}
        onChange={(release) => setFilter(stores, { release })}
        clearable
        searchable
        w={130}
      />
      <Select
        aria-label="Decision"
        placeholder="Any decision"
        data={[...decisions]}
        value={filter.decision}
        onChange={(value) => setFilter(stores, { decision: decisions.find((each) => each === value) ?? null })}
        clearable
        w={130}
      />
      <span className="muted">
        {countText(shown)} of {counted(runs.length, 'run')}
      </span>
      <span className={style['busy']} role="status">
        {busy !== null && (
          <>
            <Loader size={14} /> {busy} …
          </>
        )}
      </span>
      <Button leftSection={<IconDatabase size={14} />} onClick={() => performAction('archive.storage')}>
        Storage…
      </Button>
      <Button leftSection={<IconFileImport size={14} />} onClick={() => performAction('archive.import')}>
        Import…
      </Button>
    </Toolbar>
  );
}

/** Runs that a dead core left unfinished, with what they still owe. */
function Interrupted() {
  const { recoverRun } = useStores().get(createArchive);
  const interrupted = useArchivedRuns((state) => state.interrupted);
  const owing = interrupted.filter((run) => run.owed.length > 0);
  if (owing.length === 0) return null;
  return (
    <section className={style['interrupted']} aria-label="Interrupted runs">
      {owing.map(({ run, owed }) => (
        <div key={run}>
          <span>
            <strong>{run}</strong> was interrupted and still owes: <code>{owed.join('; ')}</code>
          </span>
          <Button onClick={() => void recoverRun(run)}>Recover</Button>
        </div>
      ))}
    </section>
  );
}

function NoRuns() {
  const { performAction } = useStores().get(createActions);
  return (
    <EmptyState icon={<IconArchive />} title="No run is archived yet">
      <p>
        Every run is kept here by itself: its log, its metrics, its verdict. Run a scenario, or import a .testops-run file from somebody.
        The sample history is recorded runs of the demo exchange, to compare, replay and look at trends.
      </p>
      <Button onClick={() => performAction('archive.samples')}>Load the sample history</Button>
      <Button onClick={() => performAction('view.run')}>Go to the Run view</Button>
    </EmptyState>
  );
}

export function ArchiveView() {
  const { followArchivedRuns } = useStores().get(createArchivedRuns);
  const archive = useArchive();
  const { leaving } = archive;
  const runs = useArchivedRuns((state) => state.runs);
  const generation = useConnectionGeneration();
  const filterInput = useRef<HTMLInputElement>(null);
  const focusFilter = useMemo(() => () => filterInput.current?.select(), []);
  useEffect(() => (generation === null ? undefined : followArchivedRuns()), [generation]);
  useArchiveActions(focusFilter);
  const present = useMemo(() => runs?.filter((run) => !leaving.has(run.run)) ?? [], [runs, leaving]);
  const { filter } = archive;
  const shown = useMemo(() => shownRuns(present, { leaving, filter }), [present, leaving, filter]);
  const grid = useDataGrid(runsGrid, shown);
  const chosen = chosenOf(archive, grid.rows);
  const [details] = chosen;
  return (
    <Page>
      <ArchiveTools runs={present} shown={shown.length} filterInput={filterInput} />
      <Interrupted />
      <div className={style['content']}>
        {runs !== null && present.length === 0 ? <NoRuns /> : <ArchiveTable grid={grid} />}
        {chosen.length > 1 ? (
          <SeveralRuns runs={chosen} />
        ) : details ? (
          <RunDetails run={details} />
        ) : (
          <aside className={style['details']}>
            <EmptyState title="Choose a run">
              <p>Arrow keys move through the list, Enter opens a run in the Run view, Delete removes it.</p>
              <p>Shift and Ctrl choose several: accept, reject or compare them together.</p>
            </EmptyState>
          </aside>
        )}
      </div>
      <ArchiveDialogs />
      <StorageDialog />
    </Page>
  );
}

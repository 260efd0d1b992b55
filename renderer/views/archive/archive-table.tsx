/** The list of runs, and what keys and clicks do with them: chosen one by one or several at once, opened, deleted. */
import { DataGrid } from '../../components/data-grid.tsx';
import type { Grid } from '../../components/data-grid-columns.ts';
import type { ArchivedRun } from '../../stores/archived-runs.ts';
import { useStores } from '../../stores/context.ts';
import { choose, extendTo, toggle } from './archive-selection.ts';
import { createArchive, useArchive } from './archive-store.ts';

/** px */
const rowHeight = 26;

export function ArchiveTable({ grid }: { readonly grid: Grid<ArchivedRun> }) {
  const archive = useStores().get(createArchive);
  const { openRun, chosenRuns, deleteRuns } = archive;
  const selected = useArchive((state) => state.selected);
  const marked = useArchive((state) => state.marked);
  const order = grid.rows.map(({ run }) => run);
  /** The keyboard goes on with the next run that stays, else with the one before. */
  const remove = ({ run }: ArchivedRun): void => {
    const chosen = chosenRuns();
    const place = order.indexOf(run);
    archive.setState(choose(order.slice(place + 1).find((each) => !marked.has(each)) ?? order[place - 1] ?? null));
    deleteRuns(chosen);
  };
  return (
    <DataGrid
      grid={grid}
      label="Runs"
      current={selected}
      chosen={marked}
      rowHeight={rowHeight}
      takesFocus
      onChoose={({ run }) => archive.setState(choose(run))}
      onExtend={({ run }) => archive.setState(extendTo(archive.getState(), run, order))}
      onToggle={({ run }) => archive.setState(toggle(archive.getState(), run))}
      onChooseAll={() => archive.setState({ marked: new Set(order) })}
      onOpen={openRun}
      onDelete={remove}
    />
  );
}

/** What can be done in the Compare view, by keyboard and palette. */
import type { Action } from '../../stores/actions.ts';
import { createComparison } from '../../stores/comparison.ts';
import { createSession } from '../../stores/session.ts';
import { createDecisions } from '../decisions/index.tsx';
import { openAtStep } from './jump.ts';
import type { Stores } from '../../stores/stores.ts';

interface Places {
  /** Puts the keyboard into the filter of the findings. */
  readonly filter: () => void;
  /** Puts the keyboard into the evidence. */
  readonly evidence: () => void;
}

function selectedFinding(stores: Stores) {
  const comparisonStore = stores.get(createComparison);
  const { shownWork } = comparisonStore;
  const { finding, place } = comparisonStore.getState();
  const comparison = shownWork()?.comparison;
  const found = comparison?.findings.find(({ id }) => id === finding);
  if (!comparison || !found) return null;
  const other = place === null ? undefined : found.also[place];
  return { candidate: comparison.candidate.run, finding: found, step: other ? other.step : found.step };
}

const isShown = (stores: Stores) =>
  stores.get(createSession).getState().view === 'compare' && stores.get(createComparison).shownWork() !== null;
const isSelected = (stores: Stores) => isShown(stores) && selectedFinding(stores) !== null;

export function compareActions(stores: Stores, { filter, evidence }: Places): readonly Action[] {
  const comparisonStore = stores.get(createComparison);
  const { setFindingFilter, exportComparison, copyChoice, compareChosen, cancelComparison } = comparisonStore;
  return [
    {
      id: 'compare.filter',
      title: 'Filter the findings',
      group: 'Compare',
      keys: ['Mod+F'],
      whileTyping: true,
      enabled: () => isShown(stores),
      perform: filter,
    },
    {
      id: 'compare.evidence',
      title: 'Go to the evidence of the finding',
      group: 'Compare',
      enabled: () => isSelected(stores),
      perform: evidence,
    },
    {
      id: 'compare.cause',
      title: 'Tell the cause of the finding…',
      group: 'Compare',
      keys: ['T'],
      enabled: () => isSelected(stores),
      perform: () => {
        const selected = selectedFinding(stores);
        if (selected) stores.get(createDecisions).askCause([selected.candidate], selected.finding);
      },
    },
    {
      id: 'compare.open-step',
      title: 'Open the candidate at the step of the finding',
      group: 'Compare',
      keys: ['O'],
      enabled: () => isSelected(stores),
      perform: async () => {
        const selected = selectedFinding(stores);
        if (selected) await openAtStep(stores, selected.candidate, selected.step);
      },
    },
    {
      id: 'compare.hide-explained',
      title: 'Hide or show explained findings',
      group: 'Compare',
      keys: ['H'],
      enabled: () => isShown(stores),
      perform: () => setFindingFilter({ hideExplained: !comparisonStore.getState().filter.hideExplained }),
    },
    {
      id: 'compare.all-steps',
      title: 'Show the findings of all steps',
      group: 'Compare',
      enabled: () => isShown(stores) && comparisonStore.getState().filter.step !== null,
      perform: () => setFindingFilter({ step: null }),
    },
    {
      id: 'compare.report',
      title: 'Export the report of the comparison…',
      group: 'Compare',
      keys: ['Mod+E'],
      whileTyping: true,
      enabled: () => isShown(stores),
      perform: exportComparison,
    },
    {
      id: 'compare.copy',
      title: 'Copy the comparison as a command',
      group: 'Compare',
      enabled: () => isShown(stores),
      perform: copyChoice,
    },
    { id: 'compare.again', title: 'Compare again', group: 'Compare', enabled: () => isShown(stores), perform: () => compareChosen(true) },
    {
      id: 'compare.cancel',
      title: 'Cancel the comparison',
      group: 'Compare',
      enabled: () => comparisonStore.getState().work.kind === 'comparing',
      perform: cancelComparison,
    },
  ];
}

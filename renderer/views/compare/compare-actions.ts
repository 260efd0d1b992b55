/** What can be done in the Compare view, by keyboard and palette. */
import type { Action } from '../../stores/actions.ts';
import {
  cancelComparison,
  compareChosen,
  copyChoice,
  exportComparison,
  setFindingFilter,
  shownWork,
  useComparison,
} from '../../stores/comparison.ts';
import { useSession } from '../../stores/session.ts';
import { askCause } from '../decisions/index.tsx';
import { openAtStep } from './jump.ts';

interface Places {
  /** Puts the keyboard into the filter of the findings. */
  readonly filter: () => void;
  /** Puts the keyboard into the evidence. */
  readonly evidence: () => void;
}

function selectedFinding() {
  const { finding, place } = useComparison.getState();
  const comparison = shownWork()?.comparison;
  const found = comparison?.findings.find(({ id }) => id === finding);
  if (!comparison || !found) return null;
  const other = place === null ? undefined : found.also[place];
  return { candidate: comparison.candidate.run, finding: found, step: other ? other.step : found.step };
}

const isShown = () => useSession.getState().view === 'compare' && shownWork() !== null;
const isSelected = () => isShown() && selectedFinding() !== null;

export function compareActions({ filter, evidence }: Places): readonly Action[] {
  return [
    {
      id: 'compare.filter',
      title: 'Filter the findings',
      group: 'Compare',
      keys: ['Mod+F'],
      whileTyping: true,
      enabled: isShown,
      perform: filter,
    },
    { id: 'compare.evidence', title: 'Go to the evidence of the finding', group: 'Compare', enabled: isSelected, perform: evidence },
    {
      id: 'compare.cause',
      title: 'Tell the cause of the finding…',
      group: 'Compare',
      keys: ['T'],
      enabled: isSelected,
      perform: () => {
        const selected = selectedFinding();
        if (selected) askCause([selected.candidate], selected.finding);
      },
    },
    {
      id: 'compare.open-step',
      title: 'Open the candidate at the step of the finding',
      group: 'Compare',
      keys: ['O'],
      enabled: isSelected,
      perform: async () => {
        const selected = selectedFinding();
        if (selected) await openAtStep(selected.candidate, selected.step);
      },
    },
    {
      id: 'compare.hide-explained',
      title: 'Hide or show explained findings',
      group: 'Compare',
      keys: ['H'],
      enabled: isShown,
      perform: () => setFindingFilter({ hideExplained: !useComparison.getState().filter.hideExplained }),
    },
    {
      id: 'compare.all-steps',
      title: 'Show the findings of all steps',
      group: 'Compare',
      enabled: () => isShown() && useComparison.getState().filter.step !== null,
      perform: () => setFindingFilter({ step: null }),
    },
    {
      id: 'compare.report',
      title: 'Export the report of the comparison…',
      group: 'Compare',
      keys: ['Mod+E'],
      whileTyping: true,
      enabled: isShown,
      perform: exportComparison,
    },
    { id: 'compare.copy', title: 'Copy the comparison as a command', group: 'Compare', enabled: isShown, perform: copyChoice },
    { id: 'compare.again', title: 'Compare again', group: 'Compare', enabled: isShown, perform: () => compareChosen(true) },
    {
      id: 'compare.cancel',
      title: 'Cancel the comparison',
      group: 'Compare',
      enabled: () => useComparison.getState().work.kind === 'comparing',
      perform: cancelComparison,
    },
  ];
}

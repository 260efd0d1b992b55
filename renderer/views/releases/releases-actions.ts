/** What can be done in the Releases view, by keyboard and palette. */
import { counted } from '#shared/wording/counts.ts';
import type { Action } from '../../stores/actions.ts';
import { openPalette } from '../../stores/palette.ts';
import {
  cancelSheet,
  choosePrevious,
  exportSheet,
  readReleasesAgain,
  selectedRelease,
  selectNeighbour,
  selectRelease,
  showHalf,
  shownSheet,
  useReleases,
  type ReleasesHalf,
} from '../../stores/releases.ts';
import { useSession } from '../../stores/session.ts';
import { askTrend, cancelTrend, runOfReleases, useTrends } from '../../stores/trends.ts';
import { openAt } from '../compare/jump.ts';
import { releaseText } from './release-words.ts';

const isView = () => useSession.getState().view === 'releases';
const isHalf = (half: ReleasesHalf) => isView() && useReleases.getState().choice.half === half;

/** Which release is to be shown, or compared with. */
function chooseRelease(title: string, except: string | null, perform: (release: string) => void): void {
  const releases = (useReleases.getState().releases ?? []).filter(({ release }) => release !== except);
  openPalette({
    title,
    empty: 'There is no other release candidate in the archive.',
    choices: releases.map(({ release, runs, accepted }) => ({
      id: release,
      title: releaseText(release),
      description: `${counted(runs, 'run')}, ${accepted} accepted`,
      perform: () => perform(release),
    })),
  });
}

export function askPrevious(): void {
  chooseRelease('Compare with which release candidate?', shownSheet()?.release ?? null, choosePrevious);
}

export function releasesActions(): readonly Action[] {
  const group = 'Releases';
  return [
    {
      id: 'releases.sheets',
      title: 'Show the release candidates',
      group,
      keys: ['S'],
      enabled: () => isHalf('trends'),
      perform: () => showHalf('sheets'),
    },
    { id: 'releases.trends', title: 'Show trends', group, keys: ['T'], enabled: () => isHalf('sheets'), perform: () => showHalf('trends') },
    {
      id: 'releases.choose',
      title: 'Show the sheet of a release candidate…',
      group,
      keys: ['R'],
      enabled: () => isHalf('sheets'),
      perform: () => chooseRelease('Show which release candidate?', null, selectRelease),
    },
    {
      id: 'releases.older',
      title: 'Show the release candidate before',
      group,
      keys: ['Alt+ArrowDown'],
      enabled: () => isHalf('sheets'),
      perform: () => selectNeighbour(1),
    },
    {
      id: 'releases.newer',
      title: 'Show the release candidate after',
      group,
      keys: ['Alt+ArrowUp'],
      enabled: () => isHalf('sheets'),
      perform: () => selectNeighbour(-1),
    },
    {
      id: 'releases.previous',
      title: 'Compare with another release candidate…',
      group,
      keys: ['P'],
      enabled: () => isHalf('sheets') && selectedRelease(useReleases.getState()) !== null,
      perform: askPrevious,
    },
    {
      id: 'releases.export',
      title: 'Export the sheet…',
      group,
      keys: ['Mod+E'],
      whileTyping: true,
      enabled: () => isHalf('sheets') && shownSheet() !== null,
      perform: exportSheet,
    },
    {
      id: 'releases.open',
      title: 'Open the run in replay',
      group,
      keys: ['O'],
      enabled: () => isView() && runOfReleases() !== null,
      perform: () => {
        const run = runOfReleases();
        if (run !== null) openAt(run, null);
      },
    },
    {
      id: 'releases.again',
      title: 'Read it again',
      group,
      enabled: isView,
      perform: () => (isHalf('trends') ? askTrend() : readReleasesAgain()),
    },
    {
      id: 'releases.cancel',
      title: 'Cancel what is awaited',
      group,
      enabled: () => isView() && (useReleases.getState().sheet.kind === 'asking' || useTrends.getState().work.kind === 'asking'),
      perform: () => {
        cancelSheet();
        cancelTrend();
      },
    },
  ];
}

/** What can be done in the Releases view, by keyboard and palette. */
import type { Action } from '../../stores/actions.ts';
import { createPalette } from '../../stores/palette.ts';
import { createReleases, selectedRelease, type ReleasesHalf } from '../../stores/releases.ts';
import { createSession } from '../../stores/session.ts';
import { createTrends } from '../../stores/trends.ts';
import { openAt } from '../compare/jump.ts';
import { releaseText } from './release-words.ts';
import type { Stores } from '../../stores/stores.ts';
import { counted } from '#shared/wording/counts.ts';

const isView = (stores: Stores) => stores.get(createSession).getState().view === 'releases';
const isHalf = (stores: Stores, half: ReleasesHalf) => isView(stores) && stores.get(createReleases).getState().choice.half === half;

/** Which release is to be shown, or compared with. */
function chooseRelease(stores: Stores, title: string, except: string | null, perform: (release: string) => void): void {
  const releases = (stores.get(createReleases).getState().releases ?? []).filter(({ release }) => release !== except);
  stores.get(createPalette).openPalette({
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

export function askPrevious(stores: Stores): void {
  const { shownSheet, choosePrevious } = stores.get(createReleases);
  chooseRelease(stores, 'Compare with which release candidate?', shownSheet()?.release ?? null, choosePrevious);
}

export function releasesActions(stores: Stores): readonly Action[] {
  const releasesStore = stores.get(createReleases);
  const { showHalf, selectRelease, selectNeighbour, shownSheet, exportSheet, readReleasesAgain, cancelSheet } = releasesStore;
  const trends = stores.get(createTrends);
  const { runOfReleases, askTrend, cancelTrend } = trends;
  const group = 'Releases';
  return [
    {
      id: 'releases.sheets',
      title: 'Show the release candidates',
      group,
      keys: ['S'],
      enabled: () => isHalf(stores, 'trends'),
      perform: () => showHalf('sheets'),
    },
    {
      id: 'releases.trends',
      title: 'Show trends',
      group,
      keys: ['T'],
      enabled: () => isHalf(stores, 'sheets'),
      perform: () => showHalf('trends'),
    },
    {
      id: 'releases.choose',
      title: 'Show the sheet of a release candidate…',
      group,
      keys: ['R'],
      enabled: () => isHalf(stores, 'sheets'),
      perform: () => chooseRelease(stores, 'Show which release candidate?', null, selectRelease),
    },
    {
      id: 'releases.older',
      title: 'Show the release candidate before',
      group,
      keys: ['Alt+ArrowDown'],
      enabled: () => isHalf(stores, 'sheets'),
      perform: () => selectNeighbour(1),
    },
    {
      id: 'releases.newer',
      title: 'Show the release candidate after',
      group,
      keys: ['Alt+ArrowUp'],
      enabled: () => isHalf(stores, 'sheets'),
      perform: () => selectNeighbour(-1),
    },
    {
      id: 'releases.previous',
      title: 'Compare with another release candidate…',
      group,
      keys: ['P'],
      enabled: () => isHalf(stores, 'sheets') && selectedRelease(releasesStore.getState()) !== null,
      perform: () => askPrevious(stores),
    },
    {
      id: 'releases.export',
      title: 'Export the sheet…',
      group,
      keys: ['Mod+E'],
      whileTyping: true,
      enabled: () => isHalf(stores, 'sheets') && shownSheet() !== null,
      perform: exportSheet,
    },
    {
      id: 'releases.open',
      title: 'Open the run in replay',
      group,
      keys: ['O'],
      enabled: () => isView(stores) && runOfReleases() !== null,
      perform: () => {
        const run = runOfReleases();
        if (run !== null) openAt(stores, run, null);
      },
    },
    {
      id: 'releases.again',
      title: 'Read it again',
      group,
      enabled: () => isView(stores),
      perform: () => (isHalf(stores, 'trends') ? askTrend() : readReleasesAgain()),
    },
    {
      id: 'releases.cancel',
      title: 'Cancel what is awaited',
      group,
      enabled: () => isView(stores) && (releasesStore.getState().sheet.kind === 'asking' || trends.getState().work.kind === 'asking'),
      perform: () => {
        cancelSheet();
        cancelTrend();
      },
    },
  ];
}

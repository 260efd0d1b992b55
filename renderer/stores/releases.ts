/** The release candidates as the Releases view shows them: their list, the sheet of the chosen one, and its report. */
import { createStore } from 'zustand/vanilla';
import { z } from 'zod';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { saveText } from '../transport/host.ts';
import { createArchivedRuns } from './archived-runs.ts';
import { askWork, giveUp, shownAnswer, type Work } from './asked-work.ts';
import { createLayout } from './layout.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export type Release = MethodResponse<'releases.list'>['releases'][number];

/** What the view shows: candidates with their sheets, or how a scenario went over them. */
export const releasesHalves = ['sheets', 'trends'] as const;
export type ReleasesHalf = (typeof releasesHalves)[number];

export const releasesChoiceSchema = z.object({
  half: z.enum(releasesHalves),
  /** Null: the newest. */
  release: z.string().max(128).nullable(),
  /** What each release is compared with, where that is not the usual one. */
  previous: z.record(z.string().max(128), z.string().max(128)),
});

export type ReleasesChoice = z.infer<typeof releasesChoiceSchema>;

export interface AskedSheet {
  readonly release: string;
  readonly previous: string | null;
}

export interface ReleasesState {
  readonly choice: ReleasesChoice;
  /** Newest first; null until they were read. */
  readonly releases: readonly Release[] | null;
  /** Why they could not be read. */
  readonly problem: Problem | null;
  readonly sheet: Work<AskedSheet, ReleaseSheet>;
  /** The run whose row was used last: what the keys decide about; null: none. */
  readonly run: RunId | null;
  /** A report is being made. */
  readonly reporting: boolean;
}

const usualChoice: ReleasesChoice = { half: 'sheets', release: null, previous: {} };

const section = 'releases';

export function createReleases(stores: Stores) {
  const { setLayoutSection, followLayoutSection } = stores.get(createLayout);
  const { currentCore, inform, notify } = stores.get(createSession);
  const archivedRuns = stores.get(createArchivedRuns);

  const releasesStore = createStore<ReleasesState>(() => ({
    choice: usualChoice,
    releases: null,
    problem: null,
    sheet: { kind: 'nothing' },
    run: null,
    reporting: false,
  }));
  const place = {
    current: () => releasesStore.getState().sheet,
    put: (sheet: ReleasesState['sheet']) => releasesStore.setState({ sheet }),
  };

  function setChoice(change: Partial<ReleasesChoice>): void {
    const choice = { ...releasesStore.getState().choice, ...change };
    releasesStore.setState({ choice });
    setLayoutSection(section, choice);
  }

  function showHalf(half: ReleasesHalf): void {
    if (releasesStore.getState().choice.half !== half) setChoice({ half });
  }

  /** Shows the sheet of a release. */
  function selectRelease(release: string): void {
    if (selectedRelease(releasesStore.getState())?.release === release) return;
    setChoice({ release });
    releasesStore.setState({ run: null });
    askSheet();
  }

  /** Shows the sheet of the release that stands so many places further down in the list. */
  function selectNeighbour(distance: number): void {
    const { releases } = releasesStore.getState();
    const at = (releases ?? []).findIndex(({ release }) => release === selectedRelease(releasesStore.getState())?.release);
    const next = releases?.[at + distance];
    if (next) selectRelease(next.release);
  }

  /** Compares the shown release with this one; null: with the usual one. */
  function choosePrevious(previous: string | null): void {
    const release = selectedRelease(releasesStore.getState())?.release;
    if (release === undefined) return;
    const { [release]: _, ...others } = releasesStore.getState().choice.previous;
    setChoice({ previous: previous === null ? others : { ...others, [release]: previous } });
    askSheet();
  }

  /** Asks for the sheet of what is chosen. */
  function askSheet(): void {
    const core = currentCore();
    const asked = askedSheet(releasesStore.getState());
    if (!core) return;
    if (asked === null) return releasesStore.setState({ sheet: { kind: 'nothing' } });
    void askWork(place, asked, () => core.request('releases.sheet', asked));
  }

  function cancelSheet(): void {
    giveUp(place);
  }

  async function readReleases(): Promise<void> {
    const core = currentCore();
    if (!core) return;
    try {
      const { releases } = await core.request('releases.list', {});
      releasesStore.setState({ releases, problem: null });
      askSheet();
    } catch (failure) {
      const problem = problemOf(failure);
      // A lost connection is told in orange for as long as it lasts.
      if (problem.code !== 'core-gone') releasesStore.setState({ problem });
    }
  }

  /** Keeps list and sheet as the archive is, and the choice as the workspace remembers it; returns the end of that. */
  function followReleases(): () => void {
    const stopLayout = followLayoutSection(section, releasesChoiceSchema, (remembered, isFirst) => {
      if (remembered) releasesStore.setState({ choice: remembered });
      else if (!isFirst) releasesStore.setState({ choice: usualChoice });
      if (!isFirst) askSheet();
    });
    if (archivedRuns.getState().runs !== null) void readReleases();
    const unsubscribe = [
      stopLayout,
      archivedRuns.subscribe(({ runs }, before) => {
        if (runs !== before.runs) void readReleases();
      }),
    ];
    return () => unsubscribe.forEach((end) => end());
  }

  /** Reads list and sheet once more. */
  function readReleasesAgain(): void {
    void readReleases();
  }

  /** The sheet that is shown; null while there is none. */
  function shownSheet(): ReleaseSheet | null {
    return shownAnswer(releasesStore.getState().sheet)?.answer ?? null;
  }

  /** Makes the sheet's report and gives it to the operator as a file. */
  async function exportSheet(): Promise<void> {
    const shown = shownAnswer(releasesStore.getState().sheet);
    const core = currentCore();
    if (!shown || !core || releasesStore.getState().reporting) return;
    releasesStore.setState({ reporting: true });
    try {
      const file = await core.request('report.text', { subject: { kind: 'release', ...shown.asked }, format: 'html' });
      const written = await saveText(file);
      if (written !== null) inform(`Sheet written to ${written}.`);
    } catch (failure) {
      notify(problemOf(failure));
    } finally {
      releasesStore.setState({ reporting: false });
    }
  }

  return {
    ...releasesStore,
    showHalf,
    selectRelease,
    selectNeighbour,
    choosePrevious,
    askSheet,
    cancelSheet,
    followReleases,
    readReleasesAgain,
    shownSheet,
    exportSheet,
  };
}

export const useReleases = storeHook(createReleases);

/** The release whose sheet is shown: the chosen one while it has runs, else the newest. */
export function selectedRelease({ choice, releases }: Pick<ReleasesState, 'choice' | 'releases'>): Release | null {
  return releases?.find(({ release }) => release === choice.release) ?? releases?.[0] ?? null;
}

/** The sheet that the choice asks for; null while there are no releases. */
export function askedSheet(state: Pick<ReleasesState, 'choice' | 'releases'>): AskedSheet | null {
  const selected = selectedRelease(state);
  if (!selected) return null;
  const { release } = selected;
  const previous = Object.hasOwn(state.choice.previous, release) ? (state.choice.previous[release] ?? null) : null;
  const known = previous !== release && (state.releases ?? []).some((each) => each.release === previous);
  return { release, previous: known ? previous : null };
}

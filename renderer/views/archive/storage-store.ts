/** What the archive takes and what may go: the rules as they are tried out, their preview, and removing by them. */
import { createStore } from 'zustand/vanilla';
import type { RetentionRules } from '#shared/contract/history.ts';
import { problemOf } from '#shared/problem.ts';
import { createArchivedRuns } from '../../stores/archived-runs.ts';
import { createSession } from '../../stores/session.ts';
import { createArchive, undoTime } from './archive-store.ts';
import { byTheRules, choiceAfter, isOpen, removalOf, type Preview, type PreviewedRun, type StorageChoice } from './storage-choice.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { counted } from '#shared/wording/counts.ts';
import { storeHook } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

export interface StorageState {
  readonly opened: boolean;
  /** The rules that hold in the archive; null until they are known. */
  readonly kept: RetentionRules | null;
  /** The rules that are shown and previewed. */
  readonly rules: RetentionRules;
  /** Null while it is made. */
  readonly preview: Preview | null;
  readonly choice: StorageChoice;
  /** Whether the operator is asked for the last time. */
  readonly asking: boolean;
}

const noRules: RetentionRules = { keepLast: null, maximumAge: null };
const closed: StorageState = { opened: false, kept: null, rules: noRules, preview: null, choice: byTheRules, asking: false };

type Removal = ReturnType<typeof removalOf>;

export function createStorage(stores: Stores) {
  const { currentCore, notify, inform } = stores.get(createSession);
  const archiveStore = stores.get(createArchive);
  const { readArchivedRuns } = stores.get(createArchivedRuns);

  const storage = createStore<StorageState>(() => closed);

  /** Counts previews: the answer for rules that were changed meanwhile comes too late. */
  let previews = 0;

  async function preview(rules: RetentionRules): Promise<void> {
    const number = ++previews;
    storage.setState({ rules, choice: byTheRules, asking: false });
    try {
      const made = await currentCore()?.request('retention.preview', { rules });
      if (made && number === previews) storage.setState({ preview: made });
    } catch (failure) {
      notify(problemOf(failure));
    }
  }

  async function openStorage(): Promise<void> {
    storage.setState({ ...closed, opened: true });
    // Rules that cannot be read are told; new ones can be tried and kept in their place.
    const answer = await currentCore()
      ?.request('retention.rules', {})
      .catch((failure: unknown) => void notify(problemOf(failure)));
    if (answer) storage.setState({ kept: answer.rules });
    await preview(answer?.rules ?? noRules);
  }

  function closeStorage(): void {
    storage.setState({ opened: false, asking: false });
  }

  function tryRules(change: Partial<RetentionRules>): void {
    void preview({ ...storage.getState().rules, ...change });
  }

  /** Chooses a run for removal or spares it, where it is open to that. */
  function toggleRun(run: PreviewedRun): void {
    if (isOpen(run)) storage.setState(({ choice }) => ({ choice: choiceAfter(choice, run), asking: false }));
  }

  async function keepRules(): Promise<void> {
    try {
      const answer = await currentCore()?.request('retention.rules', { rules: storage.getState().rules });
      if (!answer) return;
      storage.setState({ kept: answer.rules });
      inform('The rules are kept. Nothing is removed until somebody says so.');
    } catch (failure) {
      notify(problemOf(failure));
    }
  }

  function hide(runs: Removal['runs'], hidden: boolean): void {
    const leaving = new Set(archiveStore.getState().leaving);
    for (const run of runs) {
      if (hidden) leaving.add(run);
      else leaving.delete(run);
    }
    archiveStore.setState({ leaving });
  }

  /** Removes what is chosen, in a moment: until then a notice offers to undo it, as with a single run. */
  function removeChosen(): void {
    const { preview: made, choice } = storage.getState();
    closeStorage();
    const removal = removalOf(made?.runs ?? [], choice);
    if (removal.runs.length === 0) return;
    hide(removal.runs, true);
    const timer = setTimeout(() => void removeNow(removal), undoTime);
    const undo = () => {
      clearTimeout(timer);
      hide(removal.runs, false);
    };
    const message = `${counted(removal.runs.length, 'run')} removed, ${quantityText(removal.bytes, 'bytes')}.`;
    notify({ severity: 'information', code: 'runs-removed', message }, { lifetime: undoTime, action: { title: 'Undo', perform: undo } });
  }

  async function removeNow({ runs, accepted }: Removal): Promise<void> {
    try {
      const applied = await currentCore()?.request('retention.apply', { runs: [...runs], accepted });
      for (const message of applied?.problems.slice(0, 5) ?? []) notify({ severity: 'warning', code: 'run-kept', message });
      const more = (applied?.problems.length ?? 0) - 5;
      if (more > 0) notify({ severity: 'warning', code: 'run-kept', message: `${counted(more, 'more run stays', 'more runs stay')}.` });
      await readArchivedRuns();
    } catch (failure) {
      notify(problemOf(failure));
    }
    hide(runs, false);
  }

  return { ...storage, openStorage, closeStorage, tryRules, toggleRun, keepRules, removeChosen };
}

export const useStorage = storeHook(createStorage);

export function areKept({ kept, rules }: Pick<StorageState, 'kept' | 'rules'>): boolean {
  return kept !== null && kept.keepLast === rules.keepLast && kept.maximumAge === rules.maximumAge;
}

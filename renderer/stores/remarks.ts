/** What people say about runs: read while somebody looks at it, and said for one run or many. */
import { useEffect, useState } from 'react';
import { createStore } from 'zustand/vanilla';
import type { RunId } from '#shared/identifiers.ts';
import type { Remark, RemarkBody } from '#shared/run/remarks.ts';
import { createSession, useSession } from './session.ts';
import { storeHook, useStores } from './context.ts';
import type { Stores } from './stores.ts';

export interface Said {
  readonly run: RunId;
  readonly number: number;
}

export function createSpoken(stores: Stores) {
  const { currentCore, notifyUnlessLost } = stores.get(createSession);

  /** Counts what this console said, so that it is read at once. */
  const spokenStore = createStore<{ readonly count: number }>(() => ({ count: 0 }));

  /** Says the same about each run; returns what was said. The first refusal is told, and the rest is left unsaid. */
  async function sayAbout(runs: readonly RunId[], remark: RemarkBody): Promise<readonly Said[]> {
    const core = currentCore();
    const said: Said[] = [];
    if (!core) return said;
    try {
      for (const run of runs) said.push({ run, number: (await core.request('runs.remark', { run, remark })).remark.number });
    } catch (failure) {
      notifyUnlessLost(failure);
    }
    spokenStore.setState(({ count }) => ({ count: count + 1 }));
    return said;
  }

  /** Takes remarks back; both stay in the run's list. */
  async function takeBack(said: readonly Said[]): Promise<void> {
    for (const { run, number } of said) await sayAbout([run], { kind: 'withdrawal', remark: number });
  }

  return { ...spokenStore, sayAbout, takeBack };
}

const useSpoken = storeHook(createSpoken);

/** All remarks of a run, those that were taken back too; null until they are known. Follows what others say. */
export function useRemarks(run: RunId | null): readonly Remark[] | null {
  const { currentCore } = useStores().get(createSession);
  const [known, setKnown] = useState<{ readonly run: RunId; readonly remarks: readonly Remark[] } | null>(null);
  const [changes, setChanges] = useState(0);
  const spoken = useSpoken((state) => state.count);
  const connection = useConnectionGeneration();
  useEffect(() => {
    const core = currentCore();
    if (!core || run === null) return;
    const stream = core.listen('runs.changes', {}, () => setChanges((before) => before + 1));
    // What ends with the connection is listened to anew with the next one.
    stream.ended.catch(() => {});
    return () => stream.close();
  }, [connection, run]);
  useEffect(() => {
    const core = currentCore();
    if (!core || run === null) return;
    let wanted = true;
    core.request('runs.remarks', { run }).then(
      ({ remarks }) => {
        if (wanted) setKnown({ run, remarks });
      },
      // A run that is gone, or goes on, has none.
      () => {
        if (wanted) setKnown({ run, remarks: [] });
      },
    );
    return () => {
      wanted = false;
    };
  }, [run, changes, spoken, connection]);
  return known !== null && known.run === run ? known.remarks : null;
}

/** Changes with every new connection to the core; null while there is none. */
export function useConnectionGeneration(): number | null {
  return useSession((state) => (state.connection.kind === 'connected' ? state.connection.generation : null));
}

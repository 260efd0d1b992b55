/**
 * The components of a run of the past at a moment: as the daemons told them when the run began, changed by what its log tells
 * since. Never those of the environment as it is now.
 */
import { createStore } from 'zustand/vanilla';
import type { RunId } from '#shared/identifiers.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { entriesOf, type RunState } from '#shared/run/run-state.ts';
import type { Timeline } from '#shared/run/timeline.ts';
import { createRunSession } from '../run-session.ts';
import { createSession } from '../session.ts';
import { createReplay } from './replay.ts';
import { storeHook } from '../context.ts';
import type { Stores } from '../stores.ts';

export interface RunComponentRow {
  readonly component: string;
  readonly daemon: string | null;
  readonly state: string;
  readonly pid: number | null;
  /** ms since 1970, the daemon's clock. */
  readonly since: number;
  readonly crashes: number;
  readonly errors: number;
  readonly lastError: string | null;
  /** ms since 1970, the core's clock: from then on its state is unknown, since its daemon is lost or was started anew. */
  readonly unknownFrom?: number;
}

/** Marks of changed states that are looked through for the first of each component. */
const lookedThrough = 20_000;

export function createReplayBeginning(stores: Stores) {
  const runSession = stores.get(createRunSession);
  const { shownTimeline } = runSession;
  const replay = stores.get(createReplay);
  const { currentCore } = stores.get(createSession);

  /** What is known of the replayed run before its first record. */
  const replayBeginning = createStore<{ readonly run: RunId | null; readonly components: readonly RunComponentRow[] }>(() => ({
    run: null,
    components: [],
  }));

  let told: readonly RunComponentRow[] = [];

  function correct(): void {
    const timeline = shownTimeline();
    if (timeline) replayBeginning.setState({ components: corrected(told, statesBefore(timeline)) });
  }

  /** Reads what each replayed run began with; from the beginning on. */
  function followReplay(): void {
    const look = (): void => {
      const { run } = replay.getState();
      if (run === replayBeginning.getState().run) return;
      told = [];
      replayBeginning.setState({ run, components: [] });
      if (run !== null) void load(run);
    };
    replay.subscribe(look);
    runSession.subscribe((state, before) => {
      if (state.archived && state.read && !before.read) correct();
    });
    look();
    correct();
  }

  async function load(run: RunId): Promise<void> {
    try {
      const shown = await currentCore()?.request('runs.show', { run });
      if (!shown || replayBeginning.getState().run !== run) return;
      told = componentsAtStart(shown.manifest);
      correct();
    } catch {
      // A damaged manifest is told by whoever opened the run; what the log tells is shown all the same.
    }
  }

  followReplay();

  return { ...replayBeginning };
}

export const useReplayBeginning = storeHook(createReplayBeginning);

/** Components as a run's manifest knows them from its start. */
export function componentsAtStart(manifest: Pick<RunManifest, 'catalogues'>): readonly RunComponentRow[] {
  return manifest.catalogues.flatMap(({ daemon, components, states }) =>
    components.map(({ name }) => {
      const told = states.find(({ component }) => component === name);
      const { state = 'UNKNOWN', pid = null, since = 0 } = told ?? {};
      return { component: name, daemon, state, pid, since, crashes: 0, errors: 0, lastError: null };
    }),
  );
}

/** The components at a moment, by name. */
export function componentsAt(start: readonly RunComponentRow[], state: RunState): readonly RunComponentRow[] {
  const rows = new Map(start.map((row) => [row.component, row]));
  for (const [component, seen] of entriesOf(state.components)) {
    const { state: word, pid, since, crashes, errors, lastError, unknown } = seen;
    const daemon = seen.daemon ?? rows.get(component)?.daemon ?? null;
    // A component that only logged something has told no state.
    const known = word === 'UNKNOWN' && !unknown ? rows.get(component) : undefined;
    const told = { state: known?.state ?? word, pid: known?.pid ?? pid, since: known?.since ?? since };
    const from = unknown ? { unknownFrom: unknown.from } : {};
    rows.set(component, { component, daemon, ...told, crashes, errors, lastError: lastError?.text ?? null, ...from });
  }
  // Logs of earlier consoles do not name the components of a lost daemon; the run's manifest does.
  for (const [daemon, { silentSince, clockOffset }] of entriesOf(state.daemons)) {
    if (silentSince === null) continue;
    for (const row of rows.values()) {
      if (row.daemon !== daemon || row.unknownFrom !== undefined) continue;
      const since = silentSince + (clockOffset ?? 0);
      rows.set(row.component, { ...row, state: 'UNKNOWN', pid: null, since, unknownFrom: silentSince });
    }
  }
  return [...rows.values()].sort((left, right) => (left.component < right.component ? -1 : 1));
}

/** The states before the first change that a log tells: it says from which state a component came. */
export function statesBefore(timeline: Timeline): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  const first = (component: string, state: string | null): void => {
    if (state !== null && !states.has(component)) states.set(component, state);
  };
  let mark = timeline.next(['crash', 'state'], 0);
  for (let count = 0; mark && count < lookedThrough; count++) {
    const record = timeline.recordAt(mark.sequence);
    for (const event of record?.kind === 'observation' ? record.events : []) {
      if (event.kind === 'state') first(event.component, event.previous);
      if (event.kind === 'component-started') first(event.component, 'STOPPED');
      if (event.kind === 'component-stopped') first(event.component, 'RUNNING');
    }
    mark = timeline.next(['crash', 'state'], mark.sequence);
  }
  return states;
}

/** What the manifest tells, corrected by what the log knows better. */
function corrected(rows: readonly RunComponentRow[], before: ReadonlyMap<string, string>): readonly RunComponentRow[] {
  const known = rows.map((row) => {
    const state = before.get(row.component);
    return state === undefined || state === row.state ? row : { ...row, state, pid: null, since: 0 };
  });
  const named = new Set(rows.map(({ component }) => component));
  const others = [...before].filter(([component]) => !named.has(component));
  const unknown = { daemon: null, pid: null, since: 0, crashes: 0, errors: 0, lastError: null };
  return [...known, ...others.map(([component, state]) => ({ component, state, ...unknown }))];
}

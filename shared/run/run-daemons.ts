/**
 * The part of a run's state that follows which daemons are there. What a daemon reports is known for as long as it is heard:
 * from the last sign of life of a lost one on, its components are unknown, until it is back or started anew and tells them.
 */
import { entriesOf, valueOf, withoutName, withValue } from './name-table.ts';
import type { RecordOf } from './records.ts';
import type { RunComponent, RunDaemon, RunState, UnknownState } from './run-model.ts';
import { changeComponent, isFull, withoutUnknown } from './run-observations.ts';

/** What a component is said to be while nobody knows. */
export const unknownState = 'UNKNOWN';

type Presence = RecordOf<'presence'>;

/**
 * A daemon is there, or is lost: then what it reports is unknown from its last sign of life on, and conditions judged since are in doubt.
 */
export function takePresence(state: RunState, record: Presence): RunState {
  const { daemon, clockOffset, time } = record;
  const before = valueOf(state.daemons, daemon);
  const epoch = record.epoch ?? before?.epoch ?? null;
  if (!before && isFull(state.daemons)) return { ...state, namesOmitted: state.namesOmitted + 1 };
  const components = componentsOf(state, record, before);
  const isLost = record.state === 'lost';
  const silentSince = isLost ? (before?.silentSince ?? record.lastSign ?? time) : null;
  const known: RunDaemon = { state: record.state, epoch, clockOffset, time, silentSince, components };
  const taken = { ...state, daemons: withValue(state.daemons, daemon, known) };
  if (silentSince !== null) return doubtConditions(loseComponents(taken, record, components, { from: silentSince }), daemon, silentSince);
  const isNewEpoch = before !== undefined && before.epoch !== null && before.epoch !== epoch;
  const found = isNewEpoch
    ? loseComponents(taken, record, components, { from: before.silentSince ?? record.lastSign ?? time, anew: true })
    : before?.state === 'lost'
      ? regainComponents(taken, components)
      : taken;
  return (record.states ?? []).reduce(
    (next, { component, state: told, pid, since }) => changeComponent(next, component, { daemon, state: told, pid, since }),
    found,
  );
}

/** Nothing was heard any more of any daemon: from then on nobody knows how their components are. */
export function hearNothing(state: RunState, from: number): RunState {
  return entriesOf(state.daemons).reduce((next, [name, { clockOffset, components }]) => {
    // Names of the log were decoded as such when it was read.
    const daemon = name as Presence['daemon'];
    const told = entriesOf(next.components).flatMap(([each, component]) => (component.daemon === daemon ? [each] : []));
    return loseComponents(next, { daemon, clockOffset }, [...new Set([...components, ...told])].sort(), { from });
  }, state);
}

/** Those that the record names, and those that the daemon has told of. */
function componentsOf(state: RunState, { daemon, components }: Presence, before: RunDaemon | undefined): readonly string[] {
  const told = entriesOf(state.components).flatMap(([name, component]) => (component.daemon === daemon ? [name] : []));
  return [...new Set([...(components ?? before?.components ?? []), ...told])].sort();
}

/** Nothing that was told of them before is known to be true still. */
function loseComponents(
  state: RunState,
  { daemon, clockOffset }: Pick<Presence, 'daemon' | 'clockOffset'>,
  components: readonly string[],
  since: Pick<UnknownState, 'from' | 'anew'>,
): RunState {
  let next = state;
  for (const name of components) {
    const component = valueOf(next.components, name);
    // Of a component that two daemons report, the one that told its state counts.
    if (component?.daemon !== undefined && component.daemon !== daemon) continue;
    const from = component?.unknown?.from ?? since.from;
    const unknown: UnknownState = { ...since, from, told: since.anew ? null : toldBefore(component) };
    const lost = { state: unknownState, pid: null, since: from + (clockOffset ?? 0) };
    const changed = changeComponent(next, name, lost);
    const present = valueOf(changed.components, name);
    next = present ? { ...changed, components: withValue(changed.components, name, { ...present, daemon, unknown }) } : changed;
  }
  return next;
}

function toldBefore(component: RunComponent | undefined): UnknownState['told'] {
  if (component?.unknown) return component.unknown.told;
  if (!component || component.state === unknownState) return null;
  const { state, pid, since } = component;
  return { state, pid, since };
}

/** The same daemon is heard again: what it told holds, and what it told meanwhile comes as records of its own. */
function regainComponents(state: RunState, components: readonly string[]): RunState {
  let next = state;
  for (const name of components) {
    const component = valueOf(next.components, name);
    if (!component?.unknown || component.unknown.anew) continue;
    const { told } = component.unknown;
    const known = withoutUnknown(component);
    const untold = told === null && known.errors === 0 && known.crashes === 0;
    const table = untold ? withoutName(next.components, name) : withValue(next.components, name, { ...known, ...told });
    next = { ...next, components: table };
  }
  return next;
}

/** What was judged met between the last sign of life of a daemon and its loss was judged by values that may have been old. */
function doubtConditions(state: RunState, daemon: Presence['daemon'], silentSince: number): RunState {
  const lost = new Set(valueOf(state.daemons, daemon)?.components);
  let { conditions } = state;
  for (const [name, condition] of entriesOf(conditions)) {
    const readsLost = Object.keys(condition.values).some((reading) => lost.has(reading.slice(0, reading.indexOf('.'))));
    if (condition.state !== 'met' || condition.since <= silentSince || !readsLost || condition.doubt) continue;
    conditions = withValue(conditions, name, { ...condition, doubt: { daemon, silentSince } });
  }
  return conditions === state.conditions ? state : { ...state, conditions };
}

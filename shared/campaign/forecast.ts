/**
 * When a campaign will be over: what is left is played through many times, longest first on the slots that there are, each time with durations
 * drawn anew from how this campaign's durations have turned out against what was expected. The middle of the ends is the forecast, and the
 * 90th percentile what it takes with bad luck.
 */
import type { CampaignState, LeaseFact } from './campaign-state.ts';
import type { Durations } from './durations.ts';
import { Outcomes, type DrawnOutcomes, type Outcome } from './outcomes.ts';
import type { SuitePlan } from './plan.ts';
import { nothingKnown } from './scheduling/lane.ts';
import { serialServers } from './scheduling/server-modes.ts';
import { isTriedAgain } from './words.ts';

export interface Forecast {
  /** ms since 1970. */
  readonly p50: number;
  readonly p90: number;
}

export interface ForecastInput {
  readonly state: CampaignState;
  readonly durations: Durations;
  /** Slots of workers that the campaign has, or may have. */
  readonly slots: number;
  /** ms since 1970. */
  readonly now: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly replays?: number;
}

/** Pieces of work that a replay looks at; of more, neighbours in the order are taken together. */
const pieces = 5_000;
/** Outcomes that are remembered, the latest. */
const remembered = 2_000;
interface Chances {
  readonly drawn: DrawnOutcomes;
  /** By which the expected duration of the next piece is multiplied. */
  readonly factor: () => number;
}

interface Work {
  /** ms, longest first. */
  readonly parallel: Float64Array;
  readonly serial: Float64Array;
  /** Units that a piece stands for. */
  readonly together: number;
  /** ms that what is executed has taken, and is expected to take. */
  readonly running: readonly { readonly elapsed: number; readonly expected: number; readonly serial: boolean }[];
  /** Slots that a unit takes, in the middle of the work. */
  readonly slotsOfUnit: number;
  /** ms that the scarcest capacity needs for what is left. */
  readonly capacityTime: number;
}

/** null: nothing can be said, since there are no slots, or nothing is planned. */
export function forecast({ state, durations, slots, now, random, replays = 50 }: ForecastInput): Forecast | null {
  if (slots <= 0 || state.units.size === 0) return null;
  const work = workLeft(state, durations, now);
  const outcomes = new Outcomes(outcomesOf(state, durations, work));
  const again = shareTriedAgain(state);
  const ends: number[] = [];
  for (let replay = 0; replay < replays; replay += 1) {
    const drawn = outcomes.drawn(random);
    const once = (): number => drawn.draw() * (again > 0 && random() < again ? 2 : 1);
    ends.push(replayed(state, work, slots, { drawn, factor: () => meanOf(once, work.together) }));
  }
  ends.sort((left, right) => left - right);
  const at = (share: number): number => now + (ends[Math.min(ends.length - 1, Math.ceil(share * ends.length) - 1)] ?? 0);
  return { p50: at(0.5), p90: at(0.9) };
}

function workLeft(state: CampaignState, durations: Durations, now: number): Work {
  const [parallel, serial]: [number[], number[]] = [[], []];
  const capacities = new Map<string, number>();
  let [work, slotWork] = [0, 0];
  for (let unit = 0; unit < state.units.size; unit += 1) {
    if (state.units.stateOf(unit) !== 'waiting') continue;
    const length = expectedOf(state, durations, unit, state.owedTests(unit).length);
    const plan = planOf(state, unit);
    (needsServerAlone(state, unit) ? serial : parallel).push(length);
    work += length;
    slotWork += length * (plan?.slots ?? 1);
    for (const [name, needed] of Object.entries(plan?.needs ?? {})) capacities.set(name, (capacities.get(name) ?? 0) + needed * length);
  }
  const together = Math.max(1, Math.ceil((parallel.length + serial.length) / pieces));
  const running = [...state.leases.values()].map((lease) => ({
    elapsed: Math.max(0, now - lease.leasedAt),
    expected: expectedOf(state, durations, lease.unit, lease.tests.length),
    serial: needsServerAlone(state, lease.unit),
  }));
  const times = [...capacities].map(([name, needed]) => needed / (state.plan?.capacities[name] ?? Number.POSITIVE_INFINITY));
  return {
    parallel: grouped(parallel, together),
    serial: grouped(serial, together),
    together,
    running,
    slotsOfUnit: work > 0 ? slotWork / work : 1,
    capacityTime: Math.max(0, ...times),
  };
}

function planOf(state: CampaignState, unit: number): SuitePlan | undefined {
  const suite = state.units.at(unit)?.suite;
  return suite === undefined ? undefined : state.suites.get(suite)?.plan;
}

function needsServerAlone(state: CampaignState, unit: number): boolean {
  return state.units.at(unit)?.serial === true && state.servers.size > 0 && planOf(state, unit)?.usesServer === true;
}

function expectedOf(state: CampaignState, durations: Durations, number: number, tests: number): number {
  const unit = state.units.at(number);
  if (!unit || tests === 0) return 0;
  if (unit.expected !== null) return (unit.expected * tests) / unit.tests.length;
  return (durations.guess(unit.suite, unit.group) ?? nothingKnown) * tests;
}

/** Longest first; neighbours are one piece. */
function grouped(lengths: readonly number[], together: number): Float64Array {
  const sorted = Float64Array.from(lengths).sort().reverse();
  if (together === 1) return sorted;
  const groups = new Float64Array(Math.ceil(sorted.length / together));
  sorted.forEach((length, index) => {
    const group = Math.floor(index / together);
    groups[group] = (groups[group] ?? 0) + length;
  });
  return groups;
}

/**
 * Of the units that ended last, and of those that are executed. One of which nothing was known is measured against what would be guessed of it now,
 * as what is left is: the guess is high on purpose, and the forecast would be too.
 */
function outcomesOf(state: CampaignState, durations: Durations, { running }: Work): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (const { elapsed, expected } of running) if (expected > 0) outcomes.push({ ratio: elapsed / expected, ended: false });
  const { pastLeases } = state;
  for (let index = pastLeases.length - 1; index >= 0 && outcomes.length < remembered; index -= 1) {
    const lease = pastLeases[index] as LeaseFact;
    if (lease.end !== 'done' || lease.endedAt === null) continue;
    const planned = expectedOf(state, durations, lease.unit, lease.tests.length);
    if (planned <= 0) continue;
    outcomes.push({ ratio: Math.min(20, (lease.endedAt - lease.leasedAt) / planned), ended: true });
  }
  return outcomes;
}

/** Of several draws, since a piece stands for several units. */
function meanOf(draw: () => number, count: number): number {
  const draws = Math.min(count, 8);
  let sum = 0;
  for (let index = 0; index < draws; index += 1) sum += draw();
  return sum / draws;
}

/** Share of attempts after which there is another one. */
function shareTriedAgain(state: CampaignState): number {
  const ended = state.pastLeases.length;
  if (ended === 0) return 0;
  let again = 0;
  for (let index = Math.max(0, ended - remembered); index < ended; index += 1) {
    const lease = state.pastLeases[index] as LeaseFact;
    const first = state.units.firstTestOf(lease.unit);
    const attempt = state.tests.attemptsOf(first).find((each) => each.lease === lease);
    const retries = planOf(state, lease.unit)?.retries ?? 0;
    if (attempt && isTriedAgain(attempt.verdict.verdict) && lease.attempt <= retries) again += 1;
  }
  return again / Math.min(ended, remembered);
}

/** ms until everything has ended, played through once. */
function replayed(state: CampaignState, work: Work, slots: number, { drawn, factor }: Chances): number {
  const { parallel, serial, running } = work;
  const servers = [...state.servers.values()].filter((server) => server.state === 'ready');
  const serverSlots = servers.reduce((sum, server) => sum + server.slots, 0);
  const usable = Math.max(1, Math.round((serverSlots > 0 ? Math.min(slots, serverSlots) : slots) / work.slotsOfUnit));
  const perServer = servers.length > 0 ? Math.max(1, Math.round(usable / servers.length)) : usable;
  const alone = serialServers(servers.length, sumOf(serial), sumOf(parallel), perServer);
  const [serialEnds, parallelEnds]: [number[], number[]] = [[], []];
  for (const { elapsed, expected, serial: isSerial } of running) {
    (isSerial && alone > 0 ? serialEnds : parallelEnds).push(
      Math.max(0, expected * drawn.drawAbove(expected > 0 ? elapsed / expected : 0) - elapsed),
    );
  }
  const ofSerial = new EndHeap(serialEnds, alone);
  for (const length of serial) ofSerial.begin(length * factor());
  // A server whose serial units are over executes parallel ones from then on.
  for (const end of ofSerial.ends) for (let slot = 0; slot < perServer; slot += 1) parallelEnds.push(end);
  const ofParallel = new EndHeap(parallelEnds, usable);
  let drawnWork = 0;
  for (const length of parallel) {
    const took = length * factor();
    drawnWork += took;
    ofParallel.begin(took);
  }
  const stretch = drawnWork / Math.max(1, sumOf(parallel));
  return Math.max(ofParallel.last, ofSerial.last, work.capacityTime * (stretch || 1));
}

function sumOf(lengths: Float64Array): number {
  let sum = 0;
  for (const length of lengths) sum += length;
  return sum;
}

/** When each of some slots is free again. */
class EndHeap {
  /** The first one is free first. */
  readonly ends: number[];
  /** The latest end of all. */
  last: number;

  /** @param taken ends of what goes on already @param slots as many there are, unless more is taken */
  constructor(taken: readonly number[], slots: number) {
    this.ends = [...taken, ...Array.from({ length: Math.max(0, slots - taken.length) }, () => 0)].sort((left, right) => left - right);
    this.last = this.ends.at(-1) ?? 0;
  }

  /** Begins on the slot that is free first. */
  begin(length: number): void {
    if (this.ends.length === 0) this.ends.push(0);
    const end = (this.ends[0] ?? 0) + length;
    this.last = Math.max(this.last, end);
    this.sink(end);
  }

  private sink(end: number): void {
    const { ends } = this;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= ends.length) break;
      if (child + 1 < ends.length && (ends[child + 1] ?? 0) < (ends[child] ?? 0)) child += 1;
      if ((ends[child] ?? 0) >= end) break;
      ends[place] = ends[child] ?? 0;
      place = child;
    }
    ends[place] = end;
  }
}

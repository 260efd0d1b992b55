/**
 * Executes campaigns in simulated time, by the scheduler as it is: workers ask when a slot is free, servers slow their units down, and what it
 * took is set against the least that it could have taken.
 */
import { Durations } from '#shared/campaign/durations.ts';
import { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import { randomFrom } from '../../repeatable-random.ts';
import { MadeCampaign, offerOf, suiteName, suitePlan, testId, verdictOf, type UnitWishes } from './made-campaign.ts';

interface Running {
  readonly campaign: MadeCampaign;
  readonly unit: number;
  readonly worker: string;
  readonly server: string | null;
  readonly fence: number;
  readonly ends: number;
}

export interface Execution {
  readonly scheduler: Scheduler;
  readonly campaigns: readonly MadeCampaign[];
  /** Slots by name. */
  readonly workers: ReadonlyMap<string, number>;
  /** ms that a unit takes, and whether its tests pass. */
  readonly duration: (campaign: MadeCampaign, unit: number) => number;
  /** Told after each decision. */
  readonly watch?: (running: readonly Running[], time: number) => void;
  /** Happens once, at its time. */
  readonly event?: { readonly at: number; readonly happen: () => void };
}

/** Executes everything. @returns ms until the last unit ended */
export function execute({ scheduler, campaigns, workers, duration, watch, event }: Execution): number {
  const byState = new Map(campaigns.map((campaign) => [campaign.state, campaign]));
  for (const { state } of campaigns) scheduler.attach(state);
  let running: Running[] = [];
  let time = 0;
  let pending = event;
  const free = new Map(workers);
  const ask = (name: string): void => {
    const { assignments, turns } = scheduler.next(offerOf(name, { slots: workers.get(name) ?? 0, free: free.get(name) ?? 0 }), time);
    for (const { server, mode } of turns) {
      for (const campaign of campaigns) if (campaign.state.servers.has(server)) campaign.write({ kind: 'server-turned', server, mode });
    }
    for (const assignment of assignments) {
      const campaign = byState.get(assignment.campaign);
      if (!campaign) throw new Error('of a campaign that nobody knows');
      campaign.time = time;
      const fence = campaign.record(assignment);
      const slots = campaign.state.suites.get(campaign.state.units.at(assignment.unit)!.suite)!.plan.slots;
      free.set(name, (free.get(name) ?? 0) - slots);
      const ends = time + duration(campaign, assignment.unit);
      insert(running, { campaign, unit: assignment.unit, worker: name, server: assignment.server, fence, ends });
    }
  };
  const askAll = (): void => {
    for (const [name, slots] of free) if (slots > 0) ask(name);
  };
  for (const [worker, slots] of workers) scheduler.meet(offerOf(worker, { slots }));
  for (;;) {
    askAll();
    watch?.(running, time);
    const next = running.at(-1);
    if (pending && (!next || pending.at <= next.ends)) {
      time = pending.at;
      const { happen } = pending;
      pending = undefined;
      happen();
      running = running.filter(({ campaign, fence, worker, unit }) => {
        const goesOn = campaign.state.leases.has(fence);
        if (!goesOn) give(campaign, worker, unit);
        return goesOn;
      });
      continue;
    }
    if (!next) return time;
    running.pop();
    time = next.ends;
    next.campaign.time = time;
    const lease = next.campaign.state.leases.get(next.fence)!;
    const each = (time - lease.leasedAt) / lease.tests.length;
    next.campaign.settle(
      next.fence,
      'done',
      lease.tests.map((test) => verdictOf(test, 'passed', { duration: each })),
    );
    give(next.campaign, next.worker, next.unit);
  }
  function give(campaign: MadeCampaign, worker: string, unit: number): void {
    free.set(worker, (free.get(worker) ?? 0) + campaign.state.suites.get(campaign.state.units.at(unit)!.suite)!.plan.slots);
  }
}

/** Latest first, so that the next one is the last. */
function insert(running: Running[], one: Running): void {
  let [low, high] = [0, running.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (running[middle]!.ends > one.ends) low = middle + 1;
    else high = middle;
  }
  running.splice(low, 0, one);
}

/** Standard normal, by Box and Muller (1958). */
export function normalFrom(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface SkewedResult {
  /** Time that it took, over the least that it could have taken: the work over the slots, or the longest test. */
  readonly ratio: number;
  /** The same of a queue in the order of the plan. */
  readonly inOrder: number;
  /** The longest test, over the work over the slots; where it is more than 1, nothing but when that test begins matters. */
  readonly longest: number;
}

/** 10,000 tests of very different length (lognormal), of which some are new, over 120 slots. */
export function skewedCampaign(seed: number, { tests = 10_000, slots = 120, unseen = 0.02, groups = 100 } = {}): SkewedResult {
  const random = randomFrom(seed);
  const normal = normalFrom(random);
  const scale = Array.from({ length: groups }, () => Math.exp(normal() * 0.8));
  const units: UnitWishes[] = [];
  const truth: number[] = [];
  const history = new Durations();
  for (let index = 0; index < tests; index += 1) {
    const group = index % groups;
    const usual = 3_000 * scale[group]! * Math.exp(normal() * 1.1);
    truth.push(usual * Math.exp(normal() * 0.1));
    const isNew = random() < unseen;
    if (!isNew) history.learn(suiteName('s'), `g${group}`, verdictOf(`t${index}`, 'passed', { duration: usual }));
    units.push({ group: `g${group}`, expected: isNew ? null : usual });
  }
  const campaign = new MadeCampaign({}, { kept: false, checked: false });
  campaign.plan(units);
  const workers = new Map(Array.from({ length: slots / 4 }, (_, index): [string, number] => [`w${index}`, 4]));
  const took = execute({ scheduler: new Scheduler(history), campaigns: [campaign], workers, duration: (_, unit) => truth[unit]! });
  const [share, longest] = [truth.reduce((sum, each) => sum + each, 0) / slots, Math.max(...truth)];
  const bound = Math.max(share, longest);
  return { ratio: took / bound, inOrder: queued(truth, slots) / bound, longest: longest / share };
}

export interface MixedCase {
  readonly servers: number;
  /** Slots of a server; as many units as it executes at once, none slows another down. */
  readonly slots: number;
  /** ms of serial and of parallel work. */
  readonly serial: number;
  readonly parallel: number;
}

/** Serial and parallel work in four proportions. */
export const mixedCases: readonly MixedCase[] = [
  { servers: 4, slots: 8, serial: 2_000_000, parallel: 16_000_000 },
  { servers: 8, slots: 4, serial: 1_000_000, parallel: 40_000_000 },
  { servers: 5, slots: 10, serial: 6_000_000, parallel: 20_000_000 },
  { servers: 10, slots: 6, serial: 4_000_000, parallel: 12_000_000 },
];

/**
 * Executes serial units on servers of their own beside parallel ones.
 * @param fixed so many servers are serial for all of the time, instead of the moving split
 * @returns time over the least that it could have taken
 */
export function mixedCampaign({ servers, slots, serial, parallel }: MixedCase, seed: number, fixed?: number): number {
  const random = randomFrom(seed);
  const lengths = (sum: number, mean: number): number[] => {
    const each = Array.from({ length: Math.round(sum / mean) }, () => 0.2 + 1.6 * random());
    const scale = sum / each.reduce((total, one) => total + one, 0);
    return each.map((one) => one * scale);
  };
  const [alone, together] = [lengths(serial, 5_000), lengths(parallel, 5_000)];
  const bound = (serial + parallel / slots) / servers;
  if (fixed !== undefined) {
    return Math.max(listSchedule(alone, fixed), listSchedule(together, (servers - fixed) * slots)) / bound;
  }
  const names = Array.from({ length: servers }, (_, index) => `server${index}`);
  const campaign = new MadeCampaign(
    { suites: [suitePlan('s', { usesServer: true })], servers: Object.fromEntries(names.map((name) => [name, slots])) },
    { kept: false, checked: false },
  );
  const all = [...alone.map((length) => ({ length, serial: true })), ...together.map((length) => ({ length, serial: false }))];
  campaign.plan(all.map((each) => ({ serial: each.serial, expected: each.length })));
  const workers = new Map(Array.from({ length: servers }, (_, index): [string, number] => [`w${index}`, slots]));
  return execute({ scheduler: new Scheduler(), campaigns: [campaign], workers, duration: (_, unit) => all[unit]!.length }) / bound;
}

/** Longest first on so many slots; Infinity on none. */
function listSchedule(lengths: readonly number[], slots: number): number {
  return queued(
    lengths.toSorted((left, right) => right - left),
    slots,
  );
}

function queued(lengths: readonly number[], slots: number): number {
  if (slots <= 0) return lengths.length > 0 ? Number.POSITIVE_INFINITY : 0;
  const ends = new Float64Array(slots);
  for (const length of lengths) {
    let first = 0;
    for (let slot = 1; slot < slots; slot += 1) if (ends[slot]! < ends[first]!) first = slot;
    ends[first] = ends[first]! + length;
  }
  return Math.max(...ends);
}

export { testId };

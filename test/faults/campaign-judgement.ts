/**
 * What must be true of a campaign whatever died while it went on, judged by its ledger alone: record by record, so that also what held for a
 * moment only is seen.
 */
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignPlan } from '#shared/campaign/plan.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';

export interface Judgement {
  /** What must not be, as sentences. */
  readonly wrongs: readonly string[];
  readonly state: CampaignState;
  /** Leases by how they ended; those that trouble ended with its reason. */
  readonly ends: Readonly<Record<string, number>>;
  /** Times that a core took it. */
  readonly coordinators: number;
}

export function judge(records: readonly CampaignRecord[]): Judgement {
  const state = new CampaignState();
  const wrongs: string[] = [];
  const ends: Record<string, number> = {};
  const verdicts = new Map<string, number>();
  let coordinators = 0;
  for (const [index, record] of records.entries()) {
    if (record.sequence !== index + 1) wrongs.push(`Record ${record.sequence} stands at place ${index + 1}.`);
    if (record.kind === 'coordinator-changed') coordinators++;
    if (record.kind === 'settled') {
      const lease = state.leases.get(record.fence);
      const how = record.reason === undefined ? record.end : `${record.end}: ${record.reason}`;
      ends[how] = (ends[how] ?? 0) + 1;
      if (!lease) wrongs.push(`Fence ${record.fence} is settled in record ${record.sequence} and was not leased then.`);
      const told = record.verdicts.map(({ test }) => test);
      if (new Set(told).size < told.length) wrongs.push(`Fence ${record.fence} has two verdicts about a test.`);
      for (const test of told) {
        if (lease && !lease.tests.includes(test)) wrongs.push(`Fence ${record.fence} has a verdict about ${test}, which is not of it.`);
        verdicts.set(test, (verdicts.get(test) ?? 0) + 1);
      }
    }
    if (record.kind === 'leased') wrongs.push(...wrongsOfLease(state, record));
    state.apply(record);
    if (state.plan && record.kind === 'leased') wrongs.push(...wrongsOfPlaces(state, state.plan, record.sequence));
  }
  if (records.at(-1)?.kind !== 'campaign-ended') wrongs.push('It has not ended.');
  wrongs.push(...wrongsOfTests(state, verdicts));
  const { oddities, leased, waiting } = state.totals();
  if (oddities > 0) wrongs.push(`${oddities} records did not fit.`);
  if (leased + waiting > 0) wrongs.push(`${leased} units are leased and ${waiting} wait at the end.`);
  return { wrongs, state, ends, coordinators };
}

function wrongsOfLease(state: CampaignState, { fence, unit, attempt, sequence }: Extract<CampaignRecord, { kind: 'leased' }>): string[] {
  const wrongs: string[] = [];
  if (fence <= state.lastFence) wrongs.push(`Fence ${fence} of record ${sequence} is not higher than those before.`);
  const holder = [...state.leases.values()].find((lease) => lease.unit === unit);
  if (holder) wrongs.push(`Unit ${unit} is leased as ${holder.fence} and as ${fence} at once.`);
  const before = state.units.lastLeaseOf(unit)?.attempt ?? 0;
  if (attempt !== before + 1) wrongs.push(`Attempt ${attempt} of unit ${unit} follows attempt ${before}.`);
  return wrongs;
}

/** Slots of servers, workers and capacities as they are taken at this moment. */
function wrongsOfPlaces(state: CampaignState, plan: CampaignPlan, sequence: number): string[] {
  const taken = new Map<string, number>();
  const serial = new Map<string, number>();
  const add = (map: Map<string, number>, what: string, count: number): void => void map.set(what, (map.get(what) ?? 0) + count);
  const units = new Map<string, number>();
  for (const { unit, server, worker } of state.leases.values()) {
    const { suite, serial: alone } = state.units.at(unit) ?? {};
    const of = plan.suites.find((each) => each.suite === suite);
    if (!of) continue;
    add(taken, `worker ${worker}`, of.slots);
    for (const [name, slots] of Object.entries(of.needs)) add(taken, `capacity ${name}`, slots);
    if (server === null) continue;
    add(taken, `server ${server}`, of.slots);
    add(units, server, 1);
    if (alone) add(serial, server, 1);
  }
  const limits = new Map<string, number>([
    ...plan.servers.map(({ server, slots }): [string, number] => [`server ${server}`, slots]),
    ...Object.entries(plan.capacities).map(([name, slots]): [string, number] => [`capacity ${name}`, slots]),
    ...[...state.workers.values()].map(({ worker, slots }): [string, number] => [`worker ${worker}`, slots]),
  ]);
  const over = [...taken].filter(([what, slots]) => slots > (limits.get(what) ?? 0));
  const disturbed = [...serial].filter(([server]) => (units.get(server) ?? 0) > 1);
  return [
    ...over.map(([what, slots]) => `With record ${sequence} ${slots} slots of ${what} are taken, and it has ${limits.get(what) ?? 0}.`),
    ...disturbed.map(([server]) => `With record ${sequence} a unit that needs ${server} for itself has company.`),
  ];
}

/** A test that passed has one verdict; one that is tried again has one for each attempt, and no more than it may have. */
function wrongsOfTests(state: CampaignState, verdicts: ReadonlyMap<string, number>): string[] {
  const wrongs: string[] = [];
  for (let number = 0; number < state.tests.size; number++) {
    const named = state.testAt(number);
    const result = state.tests.resultOf(number);
    if (!named) continue;
    const retries = state.suites.get(named.suite)?.plan.retries ?? 0;
    const count = verdicts.get(named.test) ?? 0;
    const wanted = expectedVerdicts(result, retries);
    if (result === null) wrongs.push(`${named.test} has no result.`);
    else if (wanted !== null && count !== wanted) wrongs.push(`${named.test} is ${result} with ${count} verdicts instead of ${wanted}.`);
  }
  return wrongs;
}

function expectedVerdicts(result: string | null, retries: number): number | null {
  if (result === 'passed' || result === 'skipped') return 1;
  if (result === 'failed' || result === 'broken') return retries + 1;
  return null;
}

/** What screens and terminals are shown of a campaign, out of its state. */
import type { CampaignState, LeaseFact, WorkerFact } from '#shared/campaign/campaign-state.ts';
import { verdictOfCampaign } from '#shared/campaign/campaign-verdict.ts';
import type { Forecast } from '#shared/campaign/forecast.ts';
import { serversAway, serversAwayProblem } from '#shared/campaign/servers-away.ts';
import { isRed, testResults, type SuiteName, type TestId, type TestResult } from '#shared/campaign/words.ts';
import type { CampaignSummary, CampaignView, TestRow } from '#shared/contract/campaigns.ts';
import type { Problem } from '#shared/problem.ts';
import { failureGroups, failureOf } from './failure-groups.ts';
import { shownWaits, type SampledWait } from './waits.ts';

type ResultCounts = CampaignSummary['results'];

/** @param isCopy whether nothing keeps the ledger current that this was read from */
export function summaryOf(state: CampaignState, isCopy = false): CampaignSummary | null {
  const { plan, end } = state;
  if (!plan) return null;
  const { tests, results, retriesOwed } = state.totals();
  const { campaign, name, title, environment, revision, operator, startedAt } = plan;
  return {
    campaign,
    name,
    title,
    environment,
    revision,
    operator,
    startedAt,
    endedAt: end?.time ?? null,
    outcome: end?.outcome ?? null,
    reason: end?.reason ?? null,
    tests,
    results: counts(results),
    triedAgain: retriesOwed,
    asOf: isCopy && !end ? state.time : null,
    // Stands beside the ledger; whoever tells of the campaign adds it.
    lookedAt: null,
  };
}

/** What only its coordinator knows. */
export interface CoordinatorKnowledge {
  readonly forecast: Forecast | null;
  /** Why units wait, for a sample of them. */
  readonly waits: readonly SampledWait[];
  readonly problems: readonly Problem[];
}

/** How the ledger is known here. */
export interface Place {
  /** null: another core decides, or nobody. */
  readonly knowledge: CoordinatorKnowledge | null;
  readonly isCopy: boolean;
  readonly elsewhere: boolean;
}

const read: Place = { knowledge: null, isCopy: false, elsewhere: false };

export function viewOf(state: CampaignState, now: number, { knowledge, isCopy, elsewhere }: Place = read): CampaignView | null {
  const { plan } = state;
  const summary = summaryOf(state, isCopy);
  if (!plan || !summary) return null;
  const leases = [...state.leases.values()];
  const { undecided, retriesOwed } = state.totals();
  const running = leases.reduce((sum, { tests }) => sum + tests.length, 0);
  return {
    ...summary,
    plan,
    planning: state.planningFinished === null && !state.end,
    quarantined: verdictOfCampaign(state, now).quarantined,
    running,
    waiting: Math.max(0, undecided + retriesOwed - running),
    forecast: knowledge?.forecast ?? null,
    servers: serversOf(state, leases),
    workers: workersOf(state, leases),
    suites: suitesOf(state),
    failures: [...failureGroups(state)],
    waits: shownWaits(state, knowledge?.waits ?? null),
    elsewhere,
    coordinator: state.coordinator ? `${state.coordinator.core} on ${state.coordinator.host}` : null,
    problems: [...problemsOf(state), ...(knowledge?.problems ?? [])].map(({ others: _others, ...problem }) => problem),
  };
}

function problemsOf(state: CampaignState): readonly Problem[] {
  const away = serversAway(state);
  return away ? [serversAwayProblem(away)] : [];
}

function counts(results: Readonly<Record<TestResult, number>>): ResultCounts {
  return Object.fromEntries(testResults.map((result) => [result, results[result]])) as ResultCounts;
}

function slotsOf(state: CampaignState, { unit }: LeaseFact): number {
  const suite = state.units.at(unit)?.suite;
  return (suite && state.suites.get(suite)?.plan.slots) ?? 1;
}

function serversOf(state: CampaignState, leases: readonly LeaseFact[]): CampaignView['servers'] {
  return [...state.servers.values()].map(({ server, slots, state: stands, mode, reason }) => {
    const used = leases.filter((lease) => lease.server === server).reduce((sum, lease) => sum + slotsOf(state, lease), 0);
    return { server, slots, state: stands, mode, reason, used };
  });
}

function workersOf(state: CampaignState, leases: readonly LeaseFact[]): CampaignView['workers'] {
  const byName = [...state.workers.values()].toSorted((one, other) => one.worker.localeCompare(other.worker));
  return byName.map((fact) => {
    const { worker, state: stands, host, slots, labels } = fact;
    const own = leases.filter((lease) => lease.worker === worker);
    const running = own.map(({ unit, tests, takenUpAt, leasedAt, server }) => ({
      suite: state.units.at(unit)?.suite as SuiteName,
      test: tests.length === 1 ? (tests[0] ?? '') : `${tests[0] ?? ''} and ${tests.length - 1} more`,
      since: takenUpAt ?? leasedAt,
      server,
    }));
    const used = own.reduce((sum, lease) => sum + slotsOf(state, lease), 0);
    return { worker, state: stands, host, slots, used, labels: [...labels], running, lost: lostOf(fact) };
  });
}

/** What it had is told as long as it is lost. */
function lostOf({ lost, state, changedAt }: WorkerFact): CampaignView['workers'][number]['lost'] {
  if (!lost) return null;
  const { leases: attempts, tests, latest } = lost;
  const isNow = state === 'lost' && latest.at === changedAt;
  return { attempts, tests, latest: isNow ? { tests: latest.count, examples: [...latest.tests] } : { tests: 0, examples: [] } };
}

function suitesOf(state: CampaignState): CampaignView['suites'] {
  const bySuite = new Map<SuiteName, Record<TestResult, number>>();
  for (let number = 0; number < state.tests.size; number++) {
    const result = state.tests.finalResultOf(number);
    const suite = state.units.at(state.tests.unitOf(number) ?? -1)?.suite;
    if (result === null || suite === undefined) continue;
    const own = bySuite.get(suite) ?? (Object.fromEntries(testResults.map((each) => [each, 0])) as Record<TestResult, number>);
    own[result] += 1;
    bySuite.set(suite, own);
  }
  return [...state.suites.values()].map(({ plan, priority, listed }) => ({
    suite: plan.suite,
    adapter: plan.adapter,
    tests: listed?.tests ?? 0,
    results: counts(bySuite.get(plan.suite) ?? (Object.fromEntries(testResults.map((each) => [each, 0])) as Record<TestResult, number>)),
    problem: listed?.problem ?? null,
    priority,
  }));
}

/** One test as a row. @param number of the test */
export function rowOf(state: CampaignState, number: number, quarantined: ReadonlySet<number>): TestRow | null {
  const named = state.testAt(number);
  if (!named) return null;
  const { suite, test, unit } = named;
  const attempts = state.tests.attemptsOf(number);
  const last = attempts.at(-1);
  const lease = state.units.stateOf(unit.unit) === 'leased' ? state.units.lastLeaseOf(unit.unit) : undefined;
  const isRunning = lease !== undefined && lease.end === null && lease.tests.includes(test);
  // What was lost without a verdict says why by its lease.
  const lost = last === undefined ? state.units.lastLeaseOf(unit.unit) : undefined;
  const shown = isRunning ? lease : (last?.lease ?? lost);
  return {
    suite,
    test,
    result: state.tests.resultOf(number),
    state: isRunning ? 'running' : state.tests.isOwed(number) ? 'waiting' : 'over',
    attempts: state.tests.beginningsOf(number),
    triesLeft: state.tests.triesLeftOf(number),
    duration: last?.verdict.duration ?? null,
    message: last?.verdict.message ?? lost?.reason ?? null,
    worker: shown?.worker ?? null,
    server: shown?.server ?? null,
    quarantined: quarantined.has(number),
  };
}

/** Numbers of the tests that are in quarantine now. */
export function quarantinedTests(state: CampaignState, now: number): ReadonlySet<number> {
  const numbers = (state.plan?.quarantine ?? []).flatMap(({ suite, test, expires }) => {
    const number = expires > now ? state.numberOf(suite, test) : undefined;
    return number === undefined ? [] : [number];
  });
  return new Set(numbers);
}

export interface TestFilter {
  readonly suite?: SuiteName | undefined;
  readonly results?: readonly TestResult[] | undefined;
  readonly states?: readonly TestRow['state'][] | undefined;
  readonly text?: string | undefined;
  /** A message of a group of failures. */
  readonly failure?: string | undefined;
}

/** Failures first, then what runs, waits, and is over; within each as planned. */
export function rowsOf(
  state: CampaignState,
  filter: TestFilter,
  offset: number,
  limit: number,
  now: number,
): { total: number; rows: TestRow[] } {
  const groups: number[][] = [[], [], [], []];
  const text = filter.text?.toLowerCase() ?? '';
  const quarantined = quarantinedTests(state, now);
  for (let number = 0; number < state.tests.size; number++) {
    const rank = fittingRank(state, number, filter, text);
    if (rank !== null) groups[rank]?.push(number);
  }
  const numbers = groups.flat();
  const rows = numbers.slice(offset, offset + limit).flatMap((number) => rowOf(state, number, quarantined) ?? []);
  return { total: numbers.length, rows };
}

/** Where a test stands in the list; null: it does not fit the filter. */
function fittingRank(state: CampaignState, number: number, filter: TestFilter, text: string): number | null {
  const result = state.tests.resultOf(number);
  if (filter.results && (result === null || !filter.results.includes(result))) return null;
  const unit = state.tests.unitOf(number) ?? -1;
  if (filter.suite !== undefined && state.units.at(unit)?.suite !== filter.suite) return null;
  const stands =
    state.units.stateOf(unit) === 'leased' && state.tests.isOwed(number) ? 'running' : state.tests.isOwed(number) ? 'waiting' : 'over';
  if (filter.states && !filter.states.includes(stands)) return null;
  if (filter.failure !== undefined && failureOf(state, number) !== filter.failure) return null;
  if (text !== '' && !holds(state, number, text)) return null;
  if (result !== null && isRed(result)) return 0;
  return stands === 'running' ? 1 : stands === 'waiting' ? 2 : 3;
}

function holds(state: CampaignState, number: number, text: string): boolean {
  const test: TestId | undefined = state.testAt(number)?.test;
  if (test?.toLowerCase().includes(text)) return true;
  return state.tests.attemptsOf(number).at(-1)?.verdict.message?.toLowerCase().includes(text) ?? false;
}

/**
 * The one fold over a campaign's ledger: what a campaign is, and was at any moment. Coordinator, screens, terminal and reports read it
 * through this, so they cannot disagree. It has no clock and never throws: a record that does not fit changes nothing and is counted as an
 * oddity. The state is changed in place, since a campaign has 100,000 tests; who must hear of changes is an observer.
 */
import type { CampaignObserver, CampaignTotals, LeaseFact, LostWork, ServerFact, SuiteFact, WorkerFact } from './campaign-model.ts';
import { CampaignPlaces } from './campaign-places.ts';
import type { CampaignPlan, Unit } from './plan.ts';
import type { CampaignBodyOf, CampaignRecord, TestVerdict } from './records.ts';
import { missingAttempt, TestTable } from './test-table.ts';
import { UnitTable } from './unit-table.ts';
import { isRed, testResults, type ServerName, type SuiteName, type TestId, type TestResult } from './words.ts';

export type * from './campaign-model.ts';

type RecordOf<Kind extends CampaignRecord['kind']> = Extract<CampaignRecord, { kind: Kind }>;

/** Ended leases that came late and are kept to be looked at. */
const lateKept = 1_000;

export class CampaignState {
  readonly units = new UnitTable();
  readonly tests = new TestTable();
  private readonly places = new CampaignPlaces();
  private readonly current = new Map<number, LeaseFact>();
  private readonly past: LeaseFact[] = [];
  private readonly observers = new Set<CampaignObserver>();
  private readonly testNumbers = new Map<SuiteName, { upTo: number; readonly numbers: Map<TestId, number> }>();
  private planNow: CampaignPlan | null = null;
  private lateNow: RecordOf<'late'>[] = [];
  private lateCount = 0;
  private odd = 0;
  private plannedAt: number | null = null;
  private stopNow: RecordOf<'stop-asked'> | null = null;
  private endNow: RecordOf<'campaign-ended'> | null = null;
  private coordinatorNow: RecordOf<'coordinator-changed'> | null = null;
  private priorityNow = 0;
  private lastSequence = 0;
  private lastTime: number | null = null;
  private highestFence = 0;

  /** A campaign as it is after these records. */
  static of(records: Iterable<CampaignRecord>): CampaignState {
    const state = new CampaignState();
    for (const record of records) state.apply(record);
    return state;
  }

  /** null until it has started. */
  get plan(): CampaignPlan | null {
    return this.planNow;
  }

  get sequence(): number {
    return this.lastSequence;
  }

  /** ms since 1970 of its last record. */
  get time(): number | null {
    return this.lastTime;
  }

  /** The highest fence that was ever given; the next lease has a higher one. */
  get lastFence(): number {
    return this.highestFence;
  }

  /** Of the campaign as a whole; suites have theirs on top of it. */
  get priority(): number {
    return this.priorityNow;
  }

  /** ms since 1970 when everything was planned; null: more may come. */
  get planningFinished(): number | null {
    return this.plannedAt;
  }

  get stop(): RecordOf<'stop-asked'> | null {
    return this.stopNow;
  }

  get end(): RecordOf<'campaign-ended'> | null {
    return this.endNow;
  }

  get coordinator(): RecordOf<'coordinator-changed'> | null {
    return this.coordinatorNow;
  }

  /** Why what waits is waiting, as the coordinator told it last; null: it has not, or another one decides since. */
  get waits(): RecordOf<'waits-told'> | null {
    return this.places.waits;
  }

  get suites(): ReadonlyMap<SuiteName, SuiteFact> {
    return this.places.suites;
  }

  get servers(): ReadonlyMap<ServerName, ServerFact> {
    return this.places.servers;
  }

  get workers(): ReadonlyMap<string, WorkerFact> {
    return this.places.workers;
  }

  /** Leases that go on, by fence. */
  get leases(): ReadonlyMap<number, LeaseFact> {
    return this.current;
  }

  /** Leases that are over, in the order in which they ended: what ran where. */
  get pastLeases(): readonly LeaseFact[] {
    return this.past;
  }

  /** What came with a fence that was over, the latest. */
  get late(): readonly RecordOf<'late'>[] {
    return this.lateNow;
  }

  /** Whether nothing is left to do, so that it is to be ended: everything was planned and executed, or it was stopped and nothing runs. */
  get isExhausted(): boolean {
    if (this.current.size > 0 || this.endNow) return false;
    return this.stopNow !== null || (this.plannedAt !== null && this.units.countOf('waiting') === 0);
  }

  totals(): CampaignTotals {
    return {
      tests: this.tests.size,
      units: this.units.size,
      waiting: this.units.countOf('waiting'),
      leased: this.units.countOf('leased'),
      over: this.units.countOf('over'),
      results: Object.fromEntries(testResults.map((result) => [result, this.tests.countOf(result)])) as Record<TestResult, number>,
      undecided: this.tests.undecided,
      retriesOwed: this.tests.retriesOwed,
      late: this.lateCount,
      oddities: this.odd,
    };
  }

  /** Tells every later change; returns the unsubscribe. */
  observe(observer: CampaignObserver): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /** Tests of a unit that are to be executed next, in its order. */
  owedTests(unit: number): readonly TestId[] {
    const { tests = [] } = this.units.at(unit) ?? {};
    if (this.tests.owedOf(unit) === tests.length) return tests;
    const first = this.units.firstTestOf(unit);
    return tests.filter((_, place) => this.tests.isOwed(first + place));
  }

  /** Name of a test by its number. */
  testAt(number: number): { readonly suite: SuiteName; readonly test: TestId; readonly unit: Readonly<Unit> } | undefined {
    const unitNumber = this.tests.unitOf(number);
    const unit = unitNumber === undefined ? undefined : this.units.at(unitNumber);
    const test = unit?.tests[number - this.units.firstTestOf(unit.unit)];
    return unit && test !== undefined ? { suite: unit.suite, test, unit } : undefined;
  }

  /** Number of a test by its name. */
  numberOf(suite: SuiteName, test: TestId): number | undefined {
    const known = this.testNumbers.get(suite) ?? { upTo: 0, numbers: new Map<TestId, number>() };
    this.testNumbers.set(suite, known);
    for (; known.upTo < this.units.size; known.upTo += 1) {
      const unit = this.units.at(known.upTo);
      if (unit?.suite !== suite) continue;
      const first = this.units.firstTestOf(unit.unit);
      unit.tests.forEach((id, place) => known.numbers.set(id, first + place));
    }
    return known.numbers.get(test);
  }

  apply(record: CampaignRecord): void {
    if (record.sequence <= this.lastSequence || !this.take(record)) this.odd += 1;
    this.lastSequence = Math.max(this.lastSequence, record.sequence);
    this.lastTime = record.time;
  }

  /** @returns whether the record fits */
  private take(record: CampaignRecord): boolean {
    if (record.kind === 'campaign-started') return this.start(record);
    if (record.kind === 'late') return this.keepLate(record);
    if (!this.planNow || this.endNow) return false;
    switch (record.kind) {
      case 'units-planned':
        return this.planUnits(record);
      case 'suite-listed':
        return this.places.listSuite(record);
      case 'planning-finished':
        this.plannedAt ??= record.time;
        return true;
      case 'server-changed':
      case 'server-turned':
        return this.changeServer(record);
      case 'worker-changed':
        return this.places.changeWorker(record);
      case 'leased':
        return this.lease(record);
      case 'settled':
        return this.settle(record);
      case 'retry-asked':
        return this.askRetry(record);
      case 'prioritised':
        return this.prioritise(record);
      case 'stop-asked':
        this.stopNow ??= record;
        return true;
      case 'coordinator-changed':
        this.coordinatorNow = record;
        this.places.waits = null;
        return true;
      case 'waits-told':
        return this.places.tellWaits(record);
      case 'campaign-ended':
        return this.finish(record);
    }
  }

  private start({ plan }: CampaignBodyOf<'campaign-started'>): boolean {
    if (this.planNow) return false;
    this.planNow = plan;
    this.places.begin(plan);
    return true;
  }

  private keepLate(record: RecordOf<'late'>): boolean {
    this.lateCount += record.verdicts.length;
    this.lateNow = [...this.lateNow.slice(1 - lateKept), record];
    return true;
  }

  /** Units that are numbered otherwise, or belong to no suite of the plan, are left out. */
  private planUnits({ units, time }: RecordOf<'units-planned'>): boolean {
    let fits = true;
    for (const unit of units) {
      const suite = this.suites.get(unit.suite);
      if (unit.unit !== this.units.size || !suite) {
        fits = false;
        continue;
      }
      this.units.add(unit, this.tests.add(unit.tests.length, suite.plan.retries), time);
      this.tell((observer) => observer.unitWaits(unit.unit));
    }
    return fits;
  }

  private changeServer(record: RecordOf<'server-changed' | 'server-turned'>): boolean {
    if (!this.places.changeServer(record)) return false;
    this.tell((observer) => observer.serverChanged(record.server));
    return true;
  }

  private lease(record: RecordOf<'leased'>): boolean {
    const { fence, unit, attempt, worker, epoch, server, time } = record;
    const planned = this.units.at(unit);
    if (fence <= this.highestFence || !planned || this.units.stateOf(unit) !== 'waiting') return false;
    if (server !== null && !this.servers.has(server)) return false;
    const tests = record.tests?.filter((test) => this.units.testOf(unit, test) !== undefined) ?? planned.tests;
    const lease = {
      fence,
      unit,
      attempt,
      // Every record brings its own copies of the same few names.
      worker: this.units.kept(worker),
      epoch: this.units.kept(epoch),
      server: server === null ? null : this.units.kept(server),
      tests,
      leasedAt: time,
      takenUpAt: null,
      endedAt: null,
      end: null,
      reason: null,
    };
    this.highestFence = fence;
    const first = record.tests ? null : this.units.firstTestOf(unit);
    tests.forEach((test, place) => this.tests.begin(first === null ? this.units.testOf(unit, test) : first + place));
    this.current.set(fence, lease);
    this.units.setLease(lease);
    this.units.move(unit, 'leased', time);
    this.places.occupy(lease, 1);
    this.tell((observer) => observer.leaseBegan(lease));
    return true;
  }

  private settle({ fence, end, reason, takenUpAt, verdicts, time }: RecordOf<'settled'>): boolean {
    const began = this.current.get(fence);
    if (!began) return false;
    const lease: LeaseFact = { ...began, takenUpAt: takenUpAt ?? null, endedAt: time, end, reason: reason ?? null };
    this.current.delete(fence);
    this.past.push(lease);
    this.units.setLease(lease);
    this.places.occupy(lease, -1);
    if (end === 'refused') this.places.refuse(this.units.at(lease.unit)?.suite, lease);
    const judged = this.judge(lease, verdicts);
    this.settleRest(lease, judged);
    if (end === 'worker-lost') this.places.loseWork(lease, this.unjudgedOf(lease, judged));
    this.tell((observer) => observer.leaseEnded(lease, verdicts));
    const owed = this.tests.owedOf(lease.unit) > 0;
    this.units.move(lease.unit, owed ? 'waiting' : 'over', time);
    if (owed) this.tell((observer) => observer.unitWaits(lease.unit));
    return judged.size === verdicts.length;
  }

  /** Takes each verdict that belongs to the lease, the first of each test. @returns numbers of the tests that have one */
  private judge(lease: LeaseFact, verdicts: readonly TestVerdict[]): ReadonlySet<number> {
    const leased = lease.tests.length === this.units.at(lease.unit)?.tests.length ? null : new Set(lease.tests);
    const judged = new Set<number>();
    for (const verdict of verdicts) {
      const test = this.units.testOf(lease.unit, verdict.test);
      if (test === undefined || judged.has(test) || (leased && !leased.has(verdict.test))) continue;
      judged.add(test);
      const { test: id = verdict.test } = this.testAt(test) ?? {};
      this.tests.judge(test, { lease, verdict: { ...verdict, test: id } });
    }
    return judged;
  }

  /**
   * What becomes of tests that have no verdict: after `done` they are missing, after trouble they bear it. A runner that is lost after it had
   * judged some is the trouble of the test that it was at, so that one test which ends its runner does not use up the patience with the others.
   */
  private settleRest(lease: LeaseFact, judged: ReadonlySet<number>): void {
    if (lease.end === null || lease.end === 'stopped' || judged.size === lease.tests.length) return;
    let blameOnlyFirst = lease.end === 'runner-lost' && judged.size > 0;
    for (const id of lease.tests) {
      const test = this.units.testOf(lease.unit, id);
      if (test === undefined || judged.has(test)) continue;
      if (lease.end === 'done') this.tests.judge(test, missingAttempt(lease, id));
      else this.tests.bear(test);
      if (lease.end !== 'done' && blameOnlyFirst) break;
      blameOnlyFirst = false;
    }
  }

  private unjudgedOf({ unit, tests }: LeaseFact, judged: ReadonlySet<number>): LostWork['latest']['tests'] {
    const suite = this.units.at(unit)?.suite;
    const rest = tests.filter((test) => !judged.has(this.units.testOf(unit, test) ?? -1));
    return suite === undefined ? [] : rest.map((test) => ({ suite, test }));
  }

  /** Of each unit the tests that are red or have no verdict; of a unit without such tests all. */
  private askRetry({ units, time }: RecordOf<'retry-asked'>): boolean {
    if (this.stopNow) return false;
    let fits = true;
    for (const number of units) {
      const unit = this.units.at(number);
      if (!unit) {
        fits = false;
        continue;
      }
      this.askUnit(unit, time);
    }
    return fits;
  }

  private askUnit(unit: Readonly<Unit>, time: number): void {
    const first = this.units.firstTestOf(unit.unit);
    const all = unit.tests.map((_, place) => first + place);
    const wanting = all.filter((test) => {
      const result = this.tests.resultOf(test);
      return result === null || isRed(result);
    });
    for (const test of wanting.length > 0 ? wanting : all) this.tests.ask(test);
    if (this.units.stateOf(unit.unit) !== 'over') return;
    this.units.move(unit.unit, 'waiting', time);
    this.tell((observer) => observer.unitWaits(unit.unit));
  }

  private prioritise({ suite, priority }: RecordOf<'prioritised'>): boolean {
    if (suite === null) this.priorityNow = priority;
    else if (!this.places.prioritise(suite, priority)) return false;
    this.tell((observer) => observer.prioritised(suite));
    return true;
  }

  private finish(record: RecordOf<'campaign-ended'>): boolean {
    this.endNow = record;
    this.places.waits = null;
    this.tests.end();
    for (const lease of this.current.values()) {
      const ended: LeaseFact = { ...lease, end: 'stopped', endedAt: record.time };
      this.past.push(ended);
      this.units.setLease(ended);
      this.places.occupy(lease, -1);
    }
    this.current.clear();
    for (let unit = 0; unit < this.units.size; unit += 1) this.units.move(unit, 'over', record.time);
    this.tell((observer) => observer.ended());
    return true;
  }

  private tell(say: (observer: CampaignObserver) => void): void {
    for (const observer of this.observers) say(observer);
  }
}

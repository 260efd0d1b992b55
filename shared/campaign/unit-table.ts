/** All units of a campaign, by number: what they are, where they stand, since when, and the lease that each had last. */
import type { LeaseFact, UnitState } from './campaign-model.ts';
import type { Unit } from './plan.ts';
import type { TestId } from './words.ts';

const noTags: readonly string[] = [];

export class UnitTable {
  private readonly units: Readonly<Unit>[] = [];
  private readonly firstTests: number[] = [];
  private readonly states: UnitState[] = [];
  private readonly since: number[] = [];
  private readonly lastLeases: (LeaseFact | undefined)[] = [];
  private readonly counts: Record<UnitState, number> = { waiting: 0, leased: 0, over: 0 };
  /** The same names stand in thousands of units and leases; each is kept once. */
  private readonly texts = new Map<string, string>();
  /** Places of tests in the unit that was asked about last, where it has many. */
  private places: { readonly unit: number; readonly byTest: ReadonlyMap<TestId, number> } | null = null;

  get size(): number {
    return this.units.length;
  }

  countOf(state: UnitState): number {
    return this.counts[state];
  }

  /** @param firstTest number of its first test */
  add(unit: Unit, firstTest: number, time: number): void {
    this.units.push({
      ...unit,
      suite: this.kept(unit.suite),
      group: this.kept(unit.group),
      tags: unit.tags.length > 0 ? unit.tags.map((tag) => this.kept(tag)) : (noTags as string[]),
    });
    this.firstTests.push(firstTest);
    this.states.push('waiting');
    this.since.push(time);
    this.lastLeases.push(undefined);
    this.counts.waiting += 1;
  }

  at(unit: number): Readonly<Unit> | undefined {
    return this.units[unit];
  }

  stateOf(unit: number): UnitState | undefined {
    return this.states[unit];
  }

  /** ms since 1970 since when it stands there. */
  sinceOf(unit: number): number {
    return this.since[unit] ?? 0;
  }

  firstTestOf(unit: number): number {
    return this.firstTests[unit] ?? 0;
  }

  lastLeaseOf(unit: number): LeaseFact | undefined {
    return this.lastLeases[unit];
  }

  setLease(lease: LeaseFact): void {
    this.lastLeases[lease.unit] = lease;
  }

  move(unit: number, state: UnitState, time: number): void {
    const before = this.states[unit];
    if (before === undefined || before === state) return;
    this.counts[before] -= 1;
    this.counts[state] += 1;
    this.states[unit] = state;
    this.since[unit] = time;
  }

  /** Number of a test of a unit; undefined: it has no such test. */
  testOf(unit: number, test: TestId): number | undefined {
    const place = this.placeOf(unit, test);
    return place < 0 ? undefined : this.firstTestOf(unit) + place;
  }

  private placeOf(unit: number, test: TestId): number {
    const tests = this.units[unit]?.tests ?? [];
    if (tests.length <= 8) return tests.indexOf(test);
    if (this.places?.unit !== unit) this.places = { unit, byTest: new Map(tests.map((id, place) => [id, place])) };
    return this.places.byTest.get(test) ?? -1;
  }

  /** The same text, as it was met first. */
  kept<Text extends string>(text: Text): Text {
    const known = this.texts.get(text);
    if (known !== undefined) return known as Text;
    this.texts.set(text, text);
    return text;
  }
}

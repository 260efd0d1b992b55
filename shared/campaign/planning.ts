/** Makes units of the tests that an adapter listed: what is chosen, what needs a server for itself, what is executed together. */
import type { CampaignPlan, ListedTest, SuitePlan, Unit } from './plan.ts';
import type { SuiteName, TestId } from './words.ts';

export interface PlanningHistory {
  /** ms that a test took before, or is guessed to take. */
  expected(suite: SuiteName, group: string, test: TestId): number | null;
  failedBefore(suite: SuiteName, test: TestId): boolean;
}

export interface PlannedSuite {
  /** Numbered from the first number on. */
  readonly units: readonly Unit[];
  readonly tests: number;
  /** Chosen by name, and not listed. */
  readonly unknown: readonly TestId[];
  /** Ids that were listed more than once; one of each is executed. */
  readonly twice: readonly TestId[];
}

/** The units of one suite. `first`: number of the first one. */
export function planUnits(
  suite: SuitePlan,
  only: CampaignPlan['only'],
  listed: readonly ListedTest[],
  first: number,
  history: PlanningHistory,
): PlannedSuite {
  // A campaign of some tests has none of a suite that it does not name.
  const wanted = only === null ? null : new Set<TestId>(only[suite.suite] ?? []);
  const isSerial = serialMatcher(suite.serial);
  const seen = new Set<TestId>();
  const twice: TestId[] = [];
  const together = new Map<string, ListedTest[]>();
  for (const each of listed) {
    if (seen.has(each.test)) {
      twice.push(each.test);
      continue;
    }
    seen.add(each.test);
    if (wanted ? !wanted.has(each.test) : !hasTag(suite, each)) continue;
    const tests = together.get(each.unit);
    if (tests) tests.push(each);
    else together.set(each.unit, [each]);
  }
  const units = [...together.values()].map((tests, index) => unitOf(suite, tests, first + index, isSerial, history));
  const unknown = wanted === null ? [] : [...wanted].filter((test) => !seen.has(test));
  return { units, tests: units.reduce((sum, { tests }) => sum + tests.length, 0), unknown, twice };
}

function hasTag({ tags }: SuitePlan, test: ListedTest): boolean {
  return tags.length === 0 || test.tags.some((tag) => tags.includes(tag));
}

function unitOf(
  { suite }: SuitePlan,
  tests: readonly ListedTest[],
  unit: number,
  isSerial: (test: TestId) => boolean,
  history: PlanningHistory,
): Unit {
  const group = tests[0]?.group ?? '';
  const durations = tests.map(({ test, group }) => history.expected(suite, group, test));
  const known = durations.filter((each) => each !== null);
  return {
    unit,
    suite,
    tests: tests.map(({ test }) => test),
    group,
    serial: tests.some(({ serial, test }) => serial || isSerial(test)),
    tags: [...new Set(tests.flatMap(({ tags }) => tags))].slice(0, 100),
    expected: known.length === durations.length ? known.reduce((sum, each) => sum + each, 0) : null,
    failedBefore: tests.some(({ test }) => history.failedBefore(suite, test)),
  };
}

/** Whether an id is as one of the patterns, in which `*` stands for any text; linear in its length. */
export function serialMatcher(patterns: readonly string[]): (test: TestId) => boolean {
  const parts = patterns.map((pattern) => pattern.split('*'));
  return (test) => parts.some((each) => matches(test, each));
}

function matches(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let place = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, place);
    if (found === -1) return false;
    place = found + part.length;
  }
  return place <= text.length - last.length;
}

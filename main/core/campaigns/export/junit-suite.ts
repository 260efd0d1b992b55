/**
 * A suite of a campaign as JUnit XML, as CI servers read it: each test once, by what is said of it in the end, with its other attempts as
 * reruns. What is quarantined does not decide, so it is skipped, and says why. Made piece by piece: a suite may have 100,000 tests.
 */
import type { AttemptFact, CampaignState } from '#shared/campaign/campaign-state.ts';
import { isLeftOut } from '#shared/campaign/campaign-verdict.ts';
import type { QuarantineEntry } from '#shared/campaign/plan.ts';
import { isRed, isTriedAgain, type SuiteName, type TestResult } from '#shared/campaign/words.ts';
import { markupText } from '#shared/markup-text.ts';
import { seconds } from '../../reports/open-formats/junit.ts';
import { quarantineOf } from '../quarantine.ts';

type Kind = 'passed' | 'failure' | 'error' | 'skipped';

/** @param tests numbers of its tests, in the order in which they were planned */
export function* junitSuite(state: CampaignState, suite: SuiteName, tests: readonly number[], now: number): Iterable<string> {
  const quarantine = quarantineOf(state, now);
  const own = state.suites.get(suite);
  const problem = own?.listed?.problem;
  const leftOut = own !== undefined && isLeftOut(own.plan, own.listed);
  const counts = {
    tests: tests.length + (problem === undefined ? 0 : 1),
    failure: 0,
    error: problem === undefined || leftOut ? 0 : 1,
    skipped: leftOut ? 1 : 0,
    time: 0,
  };
  for (const test of tests) {
    const kind = kindOf(state.tests.resultOf(test), quarantine.get(test));
    if (kind !== 'passed') counts[kind] += 1;
    counts.time += state.tests.attemptsOf(test).at(-1)?.verdict.duration ?? 0;
  }
  const told = `tests="${counts.tests}" failures="${counts.failure}" errors="${counts.error}"`;
  const name = `name="${markupText(suite)}"`;
  const time = `time="${seconds(counts.time)}"`;
  const timestamp = new Date(state.plan?.startedAt ?? 0).toISOString();
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${name} ${told} ${time}>\n`;
  yield `  <testsuite ${name} timestamp="${timestamp}" ${told} skipped="${counts.skipped}" ${time}>\n`;
  yield propertiesOf(state, suite);
  if (problem !== undefined) {
    const why = leftOut ? `<skipped message="${markupText(problem)}"/>` : `<error message="${markupText(problem)}" type="not listed"/>`;
    yield `    <testcase classname="${markupText(suite)}" name="list of tests" time="0.000">${why}</testcase>\n`;
  }
  for (const test of tests) yield caseOf(state, test, quarantine.get(test));
  yield '  </testsuite>\n</testsuites>\n';
}

function propertiesOf(state: CampaignState, suite: SuiteName): string {
  const { plan, end } = state;
  const own = state.suites.get(suite)?.plan;
  const properties: Readonly<Record<string, string>> = {
    campaign: plan?.campaign ?? '',
    revision: plan?.revision ?? '',
    environment: plan?.environment ?? '',
    operator: plan?.operator ?? '',
    adapter: own?.adapter ?? '',
    package: own?.package?.version ?? '',
    outcome: end?.outcome ?? 'goes on',
  };
  const lines = Object.entries(properties).filter(([, value]) => value !== '');
  return `    <properties>\n${lines.map(([name, value]) => `      <property name="${name}" value="${markupText(value)}"/>\n`).join('')}    </properties>\n`;
}

/** A failure is a check that was not met; an error says nothing of what was to be checked. */
function kindOf(result: TestResult | null, quarantined: QuarantineEntry | undefined): Kind {
  if (result === null || result === 'skipped' || result === 'not run') return 'skipped';
  if (!isRed(result)) return 'passed';
  if (quarantined) return 'skipped';
  return result === 'failed' ? 'failure' : 'error';
}

function caseOf(state: CampaignState, number: number, quarantined: QuarantineEntry | undefined): string {
  const named = state.testAt(number);
  if (!named) return '';
  const attempts = state.tests.attemptsOf(number);
  const last = attempts.at(-1);
  const result = state.tests.resultOf(number);
  const classname = named.unit.group === '' ? named.suite : named.unit.group;
  const body = bodyOf(result, attempts, quarantined);
  const start = `    <testcase classname="${markupText(classname)}" name="${markupText(named.test)}" time="${seconds(last?.verdict.duration ?? 0)}"`;
  return body === '' ? `${start}/>\n` : `${start}>${body}</testcase>\n`;
}

function bodyOf(result: TestResult | null, attempts: readonly AttemptFact[], quarantined: QuarantineEntry | undefined): string {
  const last = attempts.at(-1);
  const kind = kindOf(result, quarantined);
  if (kind === 'passed')
    return attempts
      .filter(isBad)
      .map((attempt) => elementOf(attempt, 'flakyFailure', 'flakyError'))
      .join('');
  if (kind === 'skipped') return `<skipped message="${markupText(skippedBecause(result, last, quarantined))}"/>`;
  if (!last) return `<error message="It could not be executed: its workers or servers were lost." type="infrastructure"/>`;
  const others = attempts.slice(0, -1).filter(isBad);
  return elementOf(last, 'failure', 'error') + others.map((attempt) => elementOf(attempt, 'rerunFailure', 'rerunError')).join('');
}

function isBad({ verdict }: AttemptFact): boolean {
  return isTriedAgain(verdict.verdict);
}

function elementOf({ verdict }: AttemptFact, failure: string, error: string): string {
  const element = verdict.verdict === 'failed' ? failure : error;
  const start = `<${element} message="${markupText(verdict.message ?? verdict.verdict)}" type="${verdict.verdict}"`;
  return verdict.details === undefined ? `${start}/>` : `${start}>${markupText(verdict.details)}</${element}>`;
}

function skippedBecause(result: TestResult | null, last: AttemptFact | undefined, quarantined: QuarantineEntry | undefined): string {
  if (result === null) return 'It has no result yet.';
  if (result === 'not run') return 'The campaign ended before it was run.';
  if (result === 'skipped') return last?.verdict.message ?? 'skipped';
  return `It is ${result}, and does not decide: in quarantine by ${quarantined?.owner ?? 'nobody'}, ${quarantined?.reason ?? ''}`;
}

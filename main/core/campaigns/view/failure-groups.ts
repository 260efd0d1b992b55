/** Failed tests whose messages are alike: one cause mostly fails many tests, and a person wants to read it once. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import { isRed } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';

type FailureGroup = CampaignView['failures'][number];

const mostGroups = 200;
const mostExamples = 20;

/** The most frequent first. */
export function failureGroups(state: CampaignState): readonly FailureGroup[] {
  const groups = new Map<string, { -readonly [Key in keyof FailureGroup]: FailureGroup[Key] }>();
  for (let number = 0; number < state.tests.size; number++) {
    const message = failureOf(state, number);
    if (message === null) continue;
    const named = state.testAt(number);
    if (!named) continue;
    const attempt = state.tests.attemptsOf(number).at(-1);
    const group = groups.get(message) ?? { message, tests: 0, examples: [], servers: [] };
    groups.set(message, group);
    group.tests += 1;
    if (group.examples.length < mostExamples) group.examples.push({ suite: named.suite, test: named.test });
    const server = attempt?.lease.server ?? null;
    if (server !== null && !group.servers.includes(server)) group.servers.push(server);
  }
  return [...groups.values()].toSorted((one, other) => other.tests - one.tests).slice(0, mostGroups);
}

/** The message of the group that a test belongs to; null: it has not failed. @param number of the test */
export function failureOf(state: CampaignState, number: number): string | null {
  const result = state.tests.resultOf(number);
  if (result === null || !isRed(result)) return null;
  const message = state.tests.attemptsOf(number).at(-1)?.verdict.message;
  return message === undefined ? sentenceFor(result) : alikeness(message);
}

function sentenceFor(result: string): string {
  return result === 'infrastructure'
    ? 'It could not be executed: its workers or servers were lost.'
    : `It is ${result}, and nothing was said why.`;
}

/** The message without what differs between tests that fail alike: numbers, addresses, quoted values. */
export function alikeness(message: string): string {
  return message
    .replaceAll(/0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8,}\b/g, '…')
    .replaceAll(/\d+(?:[.,:]\d+)*/g, '…')
    .replaceAll(/'[^']{1,200}'|"[^"]{1,200}"/g, '"…"')
    .slice(0, 500);
}

/** Campaigns as a core tells of them, for tests: one that is quite ordinary, and what is different about it. */
import { testResults, type CampaignId, type ServerName, type SuiteName, type TestId, type TestResult } from '#shared/campaign/words.ts';
import type { CampaignSummary, CampaignView, LaneLease, TestRow } from '#shared/contract/campaigns.ts';
import { daemonNameSchema, environmentNameSchema } from '#shared/identifiers.ts';

export const campaignId = (number: number) => `2026112${number}T100000Z-nightly-00ff` as CampaignId;
export const suite = 'smoke' as SuiteName;
export const worker = daemonNameSchema.parse('MEP');
export const server = 'one' as ServerName;

export const counts = (some: Partial<Record<TestResult, number>> = {}): CampaignSummary['results'] =>
  ({ ...Object.fromEntries(testResults.map((result) => [result, 0])), ...some }) as CampaignSummary['results'];

export function summaryMade(number: number, more: Partial<CampaignSummary> = {}): CampaignSummary {
  return {
    campaign: campaignId(number),
    name: 'nightly',
    title: 'Nightly',
    environment: 'TEST',
    revision: `rc${number}`,
    operator: 'alice',
    startedAt: number * 1_000_000,
    endedAt: null,
    outcome: null,
    reason: null,
    tests: 4,
    results: counts({ passed: 2 }),
    triedAgain: 0,
    asOf: null,
    lookedAt: null,
    ...more,
  };
}

export function viewMade(number: number, more: Partial<CampaignView> = {}): CampaignView {
  const summary = summaryMade(number);
  return {
    ...summary,
    plan: {
      format: 1,
      campaign: summary.campaign,
      name: summary.name,
      title: summary.title,
      environment: environmentNameSchema.parse('TEST'),
      environmentFile: '/workspace/environment.yaml',
      revision: summary.revision,
      operator: 'alice',
      startedAt: summary.startedAt,
      suites: [],
      servers: [],
      capacities: {},
      quarantine: [],
      only: null,
      repeats: null,
      softwareVersion: '0',
      workspaceCommit: null,
    },
    planning: false,
    quarantined: 0,
    running: 1,
    waiting: 1,
    forecast: null,
    servers: [{ server, state: 'ready', mode: 'parallel', reason: null, slots: 2, used: 1 }],
    workers: [{ worker, state: 'present', host: 'vm', slots: 2, used: 1, labels: ['linux'], running: [], lost: null }],
    suites: [{ suite, adapter: 'executable', tests: 4, results: counts({ passed: 2 }), problem: null, priority: 0 }],
    failures: [],
    waits: [{ reason: 'others are ahead', units: 1 }],
    elsewhere: false,
    coordinator: 'core-1 on vm',
    problems: [],
    ...more,
  };
}

export function rowMade(test: string, more: Partial<TestRow> = {}): TestRow {
  return {
    suite,
    test: test as TestId,
    result: 'passed',
    state: 'over',
    attempts: 1,
    triesLeft: 0,
    duration: 12,
    message: null,
    worker,
    server,
    quarantined: false,
    ...more,
  };
}

export function leaseMade(fence: number, leasedAt: number, settledAt: number | null, more: Partial<LaneLease> = {}): LaneLease {
  return {
    fence,
    suite,
    test: `test-${fence}` as TestId,
    tests: 1,
    attempt: 1,
    worker,
    server,
    leasedAt,
    settledAt,
    end: settledAt === null ? null : 'done',
    verdict: settledAt === null ? null : 'passed',
    ...more,
  };
}

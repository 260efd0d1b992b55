/** Scenarios of a workspace as tests: listed from its folder, executed as runs of this core. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import type { CampaignPlan, ListedTest, SuitePlan } from '#shared/campaign/plan.ts';
import { serialMatcher } from '#shared/campaign/planning.ts';
import { testIdSchema, type CampaignId, type TestId } from '#shared/campaign/words.ts';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import type { Lease } from '#shared/protocol/work.ts';
import type { RunOutcome } from '#shared/scenario/machine-words.ts';
import type { BlobStore } from '../delivery/ports.ts';
import type { EnvironmentSource } from '../environments/access.ts';
import { readScenario } from '../workspace/scenario-files.ts';
import { Workspace, type MayRead } from '../workspace/scenario-folder.ts';
import type { ExecutedScenario, ScenarioDesk } from './coordination/scenario-worker.ts';
import { followRun } from './followed-run.ts';
import { ownFile } from './own-files.ts';

/** Settings of a suite of scenarios. */
const settingsSchema = z.strictObject({
  /** Names of scenarios, in which `*` stands for any text. */
  scenarios: z.array(z.string().min(1).max(128)).min(1).max(1_000).default(['*']),
});

export interface ScenarioDeskParts {
  readonly core: (operator: string) => Core;
  readonly source: EnvironmentSource;
  readonly blobs: BlobStore;
  /** The plan of a campaign that goes on here. */
  readonly planOf: (campaign: CampaignId) => CampaignPlan | undefined;
  /** Environment file of the workers, whose folder holds the scenarios of suites. */
  readonly environmentFile: string;
  /** Which scenarios may be read; absent: any. */
  readonly mayRead?: MayRead;
}

export function scenarioDesk(parts: ScenarioDeskParts): ScenarioDesk {
  return {
    list: (suite) => listScenarios(parts, suite),
    execute: (test, lease, suite, signal) => executeScenario(parts, test, lease, suite, signal),
    keep: async (text) => {
      const { hash, size } = await parts.blobs.put(Buffer.from(text));
      return { hash, bytes: size };
    },
  };
}

async function listScenarios({ source, environmentFile, mayRead }: ScenarioDeskParts, suite: SuitePlan): Promise<readonly ListedTest[]> {
  const decoded = settingsSchema.safeParse(suite.settings);
  if (!decoded.success) {
    const [issue] = decoded.error.issues;
    throw new ProblemError({
      code: 'bad-settings',
      message: `The settings of the suite ${suite.suite} cannot be used: ${issue?.message ?? 'malformed'}.`,
    });
  }
  const { folder, scenarioFolder } = await source.describe(environmentFile);
  const workspace = new Workspace([scenarioFolder ?? folder], mayRead);
  const wanted = serialMatcher(decoded.data.scenarios);
  const names = (await workspace.scenarios()).filter((name) => wanted(testIdSchema.parse(name)));
  return Promise.all(
    names.map(async (name) => {
      const text = await workspace.scenario(name);
      const scenario = text && (await readScenario(text.file, scenarioFolder, mayRead));
      return { test: testIdSchema.parse(name), unit: name, group: '', serial: false, tags: [...(scenario?.tags ?? [])] };
    }),
  );
}

async function executeScenario(
  { core, source, planOf, environmentFile, mayRead }: ScenarioDeskParts,
  test: TestId,
  lease: Lease,
  suite: SuitePlan,
  signal: AbortSignal,
): Promise<ExecutedScenario> {
  const plan = planOf(lease.campaign);
  if (!plan) throw new ProblemError({ code: 'campaign-over', message: 'The campaign is not coordinated here any more.' });
  const server = plan.servers.find((each) => each.server === lease.server);
  const file = server?.environmentFile ? await ownFile(server.environmentFile, plan, environmentFile) : environmentFile;
  const { scenarioFolder, folder } = await source.describe(environmentFile);
  const scenario = await new Workspace([scenarioFolder ?? folder], mayRead).scenario(test);
  if (!scenario) throw new ProblemError({ code: 'scenario-gone', message: `There is no scenario ${test} any more.` });
  const unique = createHash('sha256').update(lease.unique).digest('hex').slice(0, 12);
  const ended = await followRun(
    core(plan.operator),
    {
      scenarioFile: scenario.file,
      environmentFile: file,
      release: plan.revision,
      variables: { ...suite.variables, ...server?.variables },
      policy: 'abort',
      attended: false,
      unique,
    },
    suite.timeout,
    signal,
  );
  return {
    ...ended,
    verdict: verdicts[ended.outcome],
    message: ended.outcome === 'passed' ? null : (ended.reason ?? `${basename(scenario.file)} ${ended.outcome}`),
  };
}

const verdicts: Readonly<Record<RunOutcome, ExecutedScenario['verdict']>> = {
  passed: 'passed',
  failed: 'failed',
  error: 'broken',
  stopped: 'broken',
  interrupted: 'broken',
};

/** Changes the scenario of a run that is paused: reads and checks the new text like a scenario that is to be started. */
import type { ActiveRuns, RunOrigin } from './active-runs.ts';
import type { Decoded } from '../contract/method-tables.ts';
import { refuseProblems, type ScenarioChecks } from './scenario-checks.ts';
import { scenarioWithTexts, type ScenarioSource } from '../workspace/scenario-files.ts';
import type { MayRead } from '../workspace/scenario-folder.ts';
import type { EnvironmentParts } from '../environments/use.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';

export interface RunEditParts extends EnvironmentParts {
  readonly runs: ActiveRuns;
  readonly checks: ScenarioChecks;
  /** Which scenarios may be read; absent: any. */
  readonly mayRead?: MayRead;
}

/** Rejects with a {@link ProblemError} when the text has errors, or when what was executed would change. */
export async function editRun(
  parts: RunEditParts,
  operator: string | null,
  { run, scenario, text }: Decoded<'run.edit'>,
): Promise<Record<string, never>> {
  const { runs, source, checks } = parts;
  const { texts, origin } = runs.editable(run);
  if (!Object.hasOwn(texts, scenario)) throw unknownScenario(run, scenario, Object.keys(texts));
  if (texts[scenario] === text) return {};
  const described = origin.environmentFile === null ? null : await source.describe(origin.environmentFile);
  const folder = described?.scenarioFolder ?? null;
  const [before, after] = await Promise.all([
    scenarioWithTexts(origin.scenarioFile, folder, texts, parts.mayRead),
    scenarioWithTexts(origin.scenarioFile, folder, { ...texts, [scenario]: text }, parts.mayRead),
  ]);
  const catalogue = await catalogueOf(parts, run, origin);
  const problemsOf = (each: ScenarioSource): readonly Problem[] => [...each.problems, ...checks.check(each, catalogue)];
  refuseProblems(beyond(problemsOf(before), problemsOf(after)));
  await runs.edit(run, operator, { scenario, base: texts, texts: after.texts, program: after.program });
  return {};
}

/** Problems that were not there before: what is wrong already (a daemon is away) keeps nobody from changing something else. */
function beyond(before: readonly Problem[], after: readonly Problem[]): readonly Problem[] {
  const known = new Map<string, number>();
  for (const { code, message } of before) known.set(`${code} ${message}`, (known.get(`${code} ${message}`) ?? 0) + 1);
  return after.filter(({ code, message }) => {
    const left = known.get(`${code} ${message}`) ?? 0;
    known.set(`${code} ${message}`, left - 1);
    return left <= 0;
  });
}

/** What may be named: live, since the run has the environment open; in a dry run what is pinned. */
async function catalogueOf(
  { environments, source, runs }: RunEditParts,
  run: RunId,
  { environmentFile }: RunOrigin,
): Promise<ScenarioCatalogue | null> {
  if (environmentFile === null) return null;
  const mode = runs.journal(run)?.manifest.mode;
  if (mode === 'live') return environments.use(environmentFile, async (environment) => environment.catalogue());
  return (await source.offlineCatalogue(environmentFile))?.catalogue ?? null;
}

function unknownScenario(run: RunId, scenario: string, names: readonly string[]): ProblemError {
  return new ProblemError({
    code: 'not-of-this-run',
    message: `The run ${run} does not execute the scenario '${scenario.slice(0, 80)}', so changing it would change nothing.`,
    tip: `It executes ${names.join(', ')}.`,
  });
}

/** Makes the profile of a finished run: one pass over its log, and its summary in columns. */
import { offeredHash } from './offered-hash.ts';
import { PrintedLines } from './printed-lines.ts';
import { metricTable } from './profile-metrics.ts';
import type { RunQueries } from '../archive/queries.ts';
import type { RunArchive } from '../ports.ts';
import { stepKeys } from '#shared/analysis/alignment.ts';
import { TemplateTable } from '#shared/analysis/log-templates.ts';
import type { LogTemplate, ProfileStep, RunProfile } from '#shared/analysis/profile.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { faultsOf } from '#shared/run/questions/faults.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { entriesOf, foldRecord, initialRunState, itemAt, type RunState, type RunStep } from '#shared/run/run-state.ts';

/** Steps that are compared: the first so many. */
export const mostSteps = 20_000;

/** Reads a run; rejects when it has not been finished or cannot be read. */
export async function makeProfile(archive: RunArchive, queries: RunQueries, run: RunId): Promise<RunProfile> {
  const { manifest } = await archive.show(run);
  if (manifest.totals === null || manifest.outcome === null) {
    throw new ProblemError({
      code: 'run-not-finished',
      message: `The run ${run} has not been finished, so it cannot be compared yet.`,
      tip: 'Let it end, or recover it first.',
    });
  }
  const { state, executed, templates } = await readLog(archive, run);
  const steps = stepsOf(executed);
  const keys = new Map(steps.map(({ execution, key }) => [String(execution), key]));
  const { scenario } = manifest;
  return {
    run,
    scenario: scenario.name,
    scenarioHash: scenario.hash,
    environment: manifest.environment,
    release: manifest.release,
    operator: manifest.operator,
    startedAt: manifest.startedAt,
    duration: manifest.duration,
    outcome: manifest.outcome,
    reason: manifest.reason,
    conditions: conditionsOf(manifest),
    steps,
    metrics: metricTable(await queries.summaryTable(run), steps),
    templates: templates.map((template) => ({ ...template, step: template.step === null ? null : (keys.get(template.step) ?? null) })),
    faults: faultsOf(state).map(({ execution, text, recovered }) => ({ key: keys.get(String(execution)) ?? text, text, recovered })),
    checks: checksOf(state),
    components: entriesOf(state.components).map(([component, { state: last, crashes, errors }]) => ({
      component,
      state: last,
      crashes,
      errors,
    })),
  };
}

interface ReadLog {
  /** At the end. */
  readonly state: RunState;
  readonly executed: readonly RunStep[];
  /** Of all log lines, and of what commands printed; their `step` is an execution's number still. */
  readonly templates: readonly LogTemplate[];
}

async function readLog(archive: RunArchive, run: RunId): Promise<ReadLog> {
  const table = new TemplateTable();
  const printed = new PrintedLines(table);
  let state = initialRunState();
  let execution: string | null = null;
  const executed: RunStep[] = [];
  for await (const records of archive.read(run, 1)) {
    for (const record of records) {
      state = foldRecord(state, record);
      if (record.kind === 'step-started') execution = String(record.step.execution);
      else if (record.kind === 'observation') addLines(table, record, execution);
      printed.take(record, execution);
    }
    takeSteps(executed, state);
  }
  return { state, executed, templates: table.templates() };
}

/**
 * A state keeps the latest steps, but keys count from the first: where those of a long run were dropped, all others would have the wrong
 * ones. So the first ones are taken along batch by batch; a step that is older than the few looked at again changes no more.
 */
function takeSteps(executed: RunStep[], { steps }: RunState): void {
  const end = Math.min(steps.total, mostSteps);
  for (let index = Math.max(steps.first, executed.length - 16); index < end; index++) {
    const step = itemAt(steps, index);
    if (step) executed[index] = step;
  }
}

function addLines(table: TemplateTable, record: Extract<RunRecord, { kind: 'observation' }>, step: string | null): void {
  for (const event of record.events) {
    if (event.kind !== 'log' && event.kind !== 'notice') continue;
    const component = event.component ?? `daemon ${record.daemon}`;
    table.add({ component, severity: event.severity, text: event.text, time: record.time, step });
  }
}

function stepsOf(executed: readonly RunStep[]): ProfileStep[] {
  const keys = stepKeys(executed.map(({ step }) => step));
  return executed.map(({ step, state: ended, startedAt, duration }, index) => ({
    key: keys[index]?.key ?? step.text,
    execution: step.execution,
    scenario: step.scenario,
    line: step.line,
    number: step.number,
    text: step.text,
    occurrence: keys[index]?.occurrence ?? 1,
    depth: step.depth,
    phase: step.phase,
    state: ended,
    startedAt,
    duration,
  }));
}

/** Conditions whose text occurs several times are told apart by how often it occurred before. */
function checksOf(state: RunState): RunProfile['checks'] {
  const occurred = new Map<string, number>();
  return entriesOf(state.conditions)
    .filter(([, { form }]) => form !== 'if')
    .map(([, { form, text, state: decided }]) => {
      const name = `${form} ${text}`;
      const occurrence = (occurred.get(name) ?? 0) + 1;
      occurred.set(name, occurrence);
      return { key: `${name}#${occurrence}`, form, text, state: decided };
    });
}

/** Under which conditions it ran, by names that a tester understands. */
function conditionsOf(manifest: RunManifest): Record<string, string> {
  const conditions: Record<string, string> = { ...manifest.conditions, mode: manifest.mode, 'on error': manifest.policy };
  for (const [name, value] of Object.entries(manifest.variables)) conditions[`variable ${name}`] = value;
  for (const catalogue of manifest.catalogues) {
    const { daemon, host, softwareVersion } = catalogue;
    conditions[`host of ${daemon}`] = host;
    conditions[`version of ${daemon}`] = softwareVersion;
    conditions[`what ${daemon} offers`] = offeredHash(catalogue);
  }
  if (manifest.workspaceCommit !== null) conditions['workspace commit'] = manifest.workspaceCommit;
  conditions['console version'] = manifest.softwareVersion;
  return conditions;
}

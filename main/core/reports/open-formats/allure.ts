/**
 * An archived run as Allure results (https://allurereport.org): one test result for the run, its steps nested as they were called,
 * undo commands as the tear-down, and the log, the scenario's text and the HTML report attached. The identity of a result is its
 * scenario and environment, so that Allure shows the history of a scenario over release candidates.
 */
import { troubleOf, troubleOfRun } from '#shared/run/step-trouble.ts';
import { digest, type FolderFile } from '../report-output.ts';
import type { RunFacts } from '../run-facts.ts';
import type { RunStep } from '#shared/run/run-state.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { inertLines } from '#shared/inert-text.ts';

export type AllureStatus = 'passed' | 'failed' | 'broken' | 'skipped' | 'unknown';

interface AllureStep {
  readonly name: string;
  readonly status: AllureStatus;
  readonly statusDetails: { readonly message?: string };
  readonly stage: 'finished';
  readonly start: number;
  readonly stop: number;
  readonly parameters: { readonly name: string; readonly value: string }[];
  readonly attachments: never[];
  readonly steps: AllureStep[];
}

export interface AllureParts {
  readonly facts: RunFacts;
  /** The run's HTML report. */
  readonly report: string;
  /** The log, from its first record on. */
  readonly records: () => AsyncIterable<readonly RunRecord[]>;
}

/** Characters of the log that are attached. */
const mostOfLog = 20_000_000;

export async function* allureFiles({ facts, report, records }: AllureParts): AsyncIterable<FolderFile> {
  const { manifest } = facts;
  const uuid = uuidOf('result', manifest.run);
  const attachment = (name: string, end: string, type: string) => ({
    name,
    source: `${uuidOf(name, manifest.run)}-attachment.${end}`,
    type,
  });
  const html = attachment('Run report', 'html', 'text/html');
  const log = attachment('Log of the run', 'ndjson', 'text/plain');
  const texts = Object.entries(manifest.scenario.texts).map(([name, text]) => ({
    ...attachment(`Scenario ${name}`, 'txt', 'text/plain'),
    text,
  }));
  const attachments = [html, log, ...texts.map(({ name, source, type }) => ({ name, source, type }))];
  yield { name: `${uuid}-result.json`, pieces: [json({ ...resultOf(facts, uuid), attachments })] };
  yield { name: `${uuidOf('container', manifest.run)}-container.json`, pieces: [json(containerOf(facts, uuid))] };
  yield { name: html.source, pieces: [report] };
  yield { name: log.source, pieces: logLines(records()) };
  for (const { source, text } of texts) yield { name: source, pieces: [text] };
  yield { name: 'environment.properties', pieces: [environmentProperties(facts)] };
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** The same for the same parts (a run, an attempt at a test), so that a result written twice is one. */
export function uuidOf(kind: string, ...parts: readonly string[]): string {
  const hex = digest('allure', kind, ...parts);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

function resultOf(facts: RunFacts, uuid: string): Record<string, unknown> {
  const { manifest, startedAt, endedAt, conditions } = facts;
  const { scenario, environment, release, operator, outcome } = manifest;
  const labels = [
    ['suite', scenario.name],
    ['release', release],
    ['environment', environment],
    ['framework', 'testops'],
    ['host', manifest.conditions['host'] ?? ''],
    ['owner', operator],
    ...scenario.tags.map((tag) => ['tag', tag] as const),
  ] as const;
  const parameters = [['release', release], ['environment', environment], ...Object.entries(manifest.variables)] as const;
  const fullName = `${environment}/${scenario.name}`;
  const { met, notMet, pending } = conditions;
  return {
    uuid,
    historyId: digest('history', environment, scenario.name),
    testCaseId: digest('case', environment, scenario.name),
    fullName,
    name: inertLines(scenario.title ?? scenario.name),
    description: inertLines(
      `${manifest.reason ?? ''}\n\nConditions: ${met} met, ${notMet} not met, ${pending} pending.\n\nRun ${manifest.run}.`,
    ),
    status: isOfCommands(facts) ? 'broken' : statusOf(outcome ?? 'interrupted'),
    statusDetails: outcome === 'passed' ? {} : { message: inertLines(manifest.reason ?? outcome ?? 'unfinished') },
    stage: 'finished',
    start: Math.round(startedAt),
    stop: Math.round(endedAt),
    labels: labels.flatMap(([name, value]) => (value === '' ? [] : [{ name, value: inertLines(value) }])),
    // What is not part of the identity is left out of it: a scenario is the same one in every release.
    parameters: parameters.map(([name, value]) => ({ name, value: inertLines(value), excluded: true })),
    links: [],
    steps: nested(
      facts.steps.filter(({ step }) => step.phase === 'main'),
      endedAt,
    ),
  };
}

/** Whether the run failed by commands only: that says nothing of what was to be checked. */
function isOfCommands({ manifest, steps }: RunFacts): boolean {
  const trouble = troubleOfRun(
    manifest,
    steps.filter(({ replacedBy }) => replacedBy === undefined),
  );
  return trouble !== null && trouble !== 'failed check';
}

/** Undo commands are what is done after a test whatever came of it. */
function containerOf(facts: RunFacts, uuid: string): Record<string, unknown> {
  const undo = nested(
    facts.steps.filter(({ step }) => step.phase === 'deferred'),
    facts.endedAt,
  );
  return {
    uuid: uuidOf('container', facts.manifest.run),
    name: facts.manifest.scenario.name,
    children: [uuid],
    befores: [],
    afters: undo,
    start: Math.round(facts.startedAt),
    stop: Math.round(facts.endedAt),
  };
}

/** Steps in the order of their start, each within the one that called it. */
function nested(steps: readonly RunStep[], endedAt: number): AllureStep[] {
  const top: AllureStep[] = [];
  const callers: { readonly depth: number; readonly steps: AllureStep[] }[] = [];
  for (const step of steps) {
    while ((callers.at(-1)?.depth ?? -1) >= step.step.depth) callers.pop();
    const made = stepOf(step, endedAt);
    (callers.at(-1)?.steps ?? top).push(made);
    callers.push({ depth: step.step.depth, steps: made.steps });
  }
  return top;
}

function stepOf({ step, state, startedAt, duration, message, result, replacedBy }: RunStep, endedAt: number): AllureStep {
  const parameters = result === null || result === '' ? [] : [{ name: 'result', value: inertLines(result.slice(0, 4_000)) }];
  const said = replacedBy === undefined ? message : `${state}, then retried: ${message ?? state}`;
  return {
    name: inertLines(`${step.number} ${step.text}`),
    status: replacedBy === undefined ? stepStatus({ state, message }) : 'skipped',
    statusDetails: said === null ? {} : { message: inertLines(said) },
    stage: 'finished',
    start: Math.round(startedAt),
    stop: Math.round(duration === null ? Math.max(endedAt, startedAt) : startedAt + duration),
    parameters,
    attachments: [],
    steps: [],
  };
}

/** A failed command is no failed check either. */
function stepStatus(step: Pick<RunStep, 'state' | 'message'>): AllureStatus {
  const trouble = troubleOf(step);
  return trouble === 'failed command' || trouble === 'cancelled command' ? 'broken' : statusOf(step.state);
}

/** An error is not a failed check but a test that could not be done; so is one that nobody ended. */
export function statusOf(state: string): AllureStatus {
  switch (state) {
    case 'passed':
    case 'failed':
    case 'skipped':
      return state;
    case 'error':
    case 'timed out':
    case 'interrupted':
      return 'broken';
    case 'stopped':
      return 'skipped';
    default:
      return 'unknown';
  }
}

async function* logLines(records: AsyncIterable<readonly RunRecord[]>): AsyncIterable<string> {
  let length = 0;
  try {
    for await (const batch of records) {
      const text = batch.map((record) => `${JSON.stringify(record)}\n`).join('');
      length += text.length;
      if (length > mostOfLog) {
        yield '{"omitted":"The rest of the log is in the archived run."}\n';
        return;
      }
      yield text;
    }
  } catch {
    // A damaged log is attached as far as it can be read; the report tells that it is damaged.
    yield '{"omitted":"The rest of the log cannot be read."}\n';
  }
}

function environmentProperties({ manifest }: RunFacts): string {
  const { release, environment, softwareVersion, conditions } = manifest;
  return propertiesText({ release, environment, testops: softwareVersion, ...conditions });
}

/** A file of Java properties, as `environment.properties` is one. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(properties);
  const value = (text: string): string => inertLines(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return pairs.map(([name, text]) => `${name.replace(/[^A-Za-z0-9_.-]/g, '_')}=${value(text)}\n`).join('');
}

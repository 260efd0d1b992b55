/**
 * `npm run record-samples`: makes the sample history anew. Each run is a real one: the demo exchange is brought up with a release
 * candidate, a scenario runs against it, and the archived run becomes a bundle in resources/samples. samples.json says which of
 * them are the baseline. Takes a quarter of an hour. Work that others do on the machine would stand in the runs as noise: each
 * recording waits until the machine is at rest, and one during which it was not is made again, whatever came out of it.
 */
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { openTemplateEnvironment } from '#main/demo/template-environment.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { sampleListFile, sampleListSchema, type SampleList } from '#main/core/history/sample-list.ts';

const root = join(import.meta.dirname, '..');
const resources = join(root, 'resources');
const template = join(resources, 'demo', 'workspace');
const target = join(resources, 'samples');

interface Recording {
  readonly scenario: string;
  readonly release: string;
  readonly times: number;
  /** How many of them, from the first on, are accepted as the release candidate's baseline. */
  readonly accepted: number;
  readonly outcome: 'passed' | 'failed';
}

/** Release candidates one after the other, as they came: a comparison looks for the candidate before. */
const recordings: readonly Recording[] = [
  { scenario: 'release-check', release: 'rc1', times: 17, accepted: 16, outcome: 'passed' },
  { scenario: 'failover', release: 'rc1', times: 3, accepted: 3, outcome: 'passed' },
  { scenario: 'release-check', release: 'rc2', times: 3, accepted: 0, outcome: 'failed' },
  { scenario: 'failover', release: 'rc2', times: 1, accepted: 0, outcome: 'passed' },
  { scenario: 'release-check', release: 'rc3', times: 3, accepted: 0, outcome: 'failed' },
  { scenario: 'failover', release: 'rc3', times: 1, accepted: 0, outcome: 'failed' },
];

/** Share of the processors (0 to 1) in use before a run begins, and on average during it: the demo itself needs less than a sixth. */
const restful = 0.12;
const undisturbed = 0.25;
/** Times that a disturbed recording is made again before this gives up. */
const mostAttempts = 30;

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Measures the share of the processors in use from now on. */
function busyShare(): () => number {
  const counted = (): { readonly busy: number; readonly all: number } => {
    const times = cpus().map((each) => each.times);
    const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
    return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all };
  };
  const before = counted();
  return () => {
    const now = counted();
    return (now.busy - before.busy) / Math.max(1, now.all - before.all);
  };
}

async function machineAtRest(): Promise<void> {
  for (let told = false; ; told = true) {
    const share = busyShare();
    await pause(2_000);
    if (share() < restful) return;
    if (!told) tell(`  waiting until the machine is at rest (${Math.round(share() * 100)} % in use)`);
  }
}

/** The run once its folder is as it will stay. */
async function finished(core: OpenCore, run: RunId): Promise<MethodResponse<'runs.show'>> {
  for (;;) {
    const shown = await core.request('runs.show', { run });
    if (shown.manifest.totals !== null) return shown;
    await pause(50);
  }
}

/** Brings the exchange up, runs the scenario to its end, takes everything down. */
async function record(core: OpenCore, { scenario, release, outcome }: Recording): Promise<RunManifest> {
  const environment = await openTemplateEnvironment({
    source: template,
    home: join(work, 'home'),
    release,
    programs: { command: process.execPath, arguments: [...process.execArgv, join(root, 'main', 'cli', 'testops.ts')] },
    progress: () => undefined,
  });
  try {
    await environment.startComponents(core, new AbortController().signal);
    const { folder, environmentFile } = environment.workspace;
    const scenarioFile = join(folder, 'scenarios', `${scenario}.scn`);
    // A failed check is recorded, and the run goes on: what comes after it is worth comparing too.
    const { run } = await core.request('run.start', { scenarioFile, environmentFile, policy: 'continue', attended: false });
    await core.listen('run.records', { run, from: 1 }, () => undefined).ended;
    const { manifest, problems } = await finished(core, run);
    if (manifest.outcome !== outcome)
      throw new Error(`${run} ${manifest.outcome}, but ${release} should have ${outcome}: ${manifest.reason}.`);
    if (problems.length > 0) throw new Error(`${run}: ${problems[0]?.message}`);
    if (manifest.totals?.gapsLost !== 0) throw new Error(`${run} lost records.`);
    return manifest;
  } finally {
    await environment.dispose();
  }
}

/** Records until nothing else disturbed the machine. */
async function recordInPeace(core: OpenCore, recording: Recording): Promise<RunManifest> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    await machineAtRest();
    const share = busyShare();
    const manifest = await record(core, recording);
    if (share() < undisturbed) return manifest;
    tell(`  ${manifest.run} was disturbed (${Math.round(share() * 100)} % of the processors in use); once more`);
  }
  throw new Error(`the machine was not at rest in ${mostAttempts} attempts`);
}

async function recordAll(core: OpenCore, made: string): Promise<SampleList> {
  const runs: SampleList['runs'] = [];
  for (const recording of recordings) {
    for (let time = 1; time <= recording.times; time++) {
      const { run, outcome } = await recordInPeace(core, recording);
      const file = `${run}.testops-run`;
      const { bytes } = await core.request('runs.export', { run, file: join(made, file) });
      const accepted = time <= recording.accepted;
      runs.push({ file, run, ...(accepted && { accepted: `Baseline of ${recording.release}: every check was met.` }) });
      tell(`${recording.release} ${recording.scenario} ${time}/${recording.times}: ${outcome}, ${Math.round(bytes / 1_024)} KiB, ${run}`);
    }
  }
  return sampleListSchema.parse({ version: 1, runs });
}

const work = await mkdtemp(join(tmpdir(), 'testops-samples-'));
const made = join(work, 'samples');
await mkdir(made);
const core = await openCore({ archiveFolder: join(work, 'archive'), home: join(work, 'home'), resources });
try {
  const list = await recordAll(core, made);
  await writeFile(join(made, sampleListFile), `${JSON.stringify(list, null, 2)}\n`);
  await rm(target, { recursive: true, force: true });
  await cp(made, target, { recursive: true });
  tell(`${(await readdir(target)).length - 1} runs in ${basename(target)}`);
} catch (failure) {
  process.stderr.write(`The samples are as they were: ${problemOf(failure).message}\n`);
  process.exitCode = 1;
} finally {
  await core.dispose();
  await rm(work, { recursive: true, force: true });
}

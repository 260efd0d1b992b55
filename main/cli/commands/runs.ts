/** `testops runs …`: the archive. */
import { createInterface } from 'node:readline/promises';
import { resolve } from 'node:path';
import type { Core } from '#shared/contract/contract.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { openCoreAccess } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { RunPresentation } from '../run-presentation.ts';
import { formatBytes, formatDuration, formatTable, Terminal } from '../terminal.ts';

interface Options {
  readonly archive: string | undefined;
}

async function withCore(options: Options, work: (core: Core, terminal: Terminal) => Promise<void>): Promise<void> {
  const access = await openCoreAccess(options.archive);
  try {
    await work(access.core, new Terminal());
  } finally {
    await access.dispose();
  }
}

/** The run that the user means: a whole id, a beginning that fits one run only, or the newest. */
async function findRun(core: Core, named: string): Promise<RunId> {
  const whole = runIdSchema.safeParse(named);
  if (whole.success) return whole.data;
  const { runs } = await core.request('runs.list', {});
  if (named === 'last') {
    const newest = runs[0];
    if (newest) return newest.run;
    throw new ProblemError({ code: 'no-runs', message: 'The archive holds no runs yet.', tip: 'testops demo makes one.' });
  }
  const fitting = runs.filter((run) => run.run.startsWith(named));
  if (fitting.length === 1 && fitting[0]) return fitting[0].run;
  throw new ProblemError(
    fitting.length === 0
      ? { code: 'unknown-run', message: `No run begins with ${named}.`, tip: 'testops runs list shows the runs.' }
      : { code: 'ambiguous-run', message: `${fitting.length} runs begin with ${named}.`, tip: 'Write more of the id.' },
  );
}

export function list(
  options: Options & { readonly scenario?: string; readonly release?: string; readonly outcome?: string; readonly json?: boolean },
): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const { archive: _, json, ...filter } = options;
    const { runs } = await core.request('runs.list', filter);
    if (json) {
      for (const run of runs) terminal.line(JSON.stringify(run));
      return;
    }
    if (runs.length === 0) return terminal.line('No runs here yet; testops demo makes one.');
    const rows = runs.map((run) => [
      run.run,
      run.scenario,
      run.release,
      run.damage === null ? (run.outcome ?? 'unfinished') : 'damaged',
      run.duration === null ? '' : formatDuration(run.duration),
      run.totals ? `${run.totals.checksMet}/${run.totals.checksMet + run.totals.checksNotMet}` : '',
      run.totals ? formatBytes(run.totals.bytes) : '',
      run.operator,
    ]);
    for (const line of formatTable([['RUN', 'SCENARIO', 'RELEASE', 'OUTCOME', 'DURATION', 'CHECKS', 'SIZE', 'OPERATOR'], ...rows]))
      terminal.line(line);
  });
}

export function show(named: string, options: Options & { readonly json?: boolean }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    const { manifest, folder, problems } = await core.request('runs.show', { run });
    for (const { tip, ...problem } of problems) {
      terminal.problem({ severity: problem.severity, code: problem.code, message: problem.message, ...(tip !== undefined && { tip }) });
    }
    const presentation = options.json ? undefined : new RunPresentation(terminal);
    const print = (record: RunRecord) => {
      if (presentation) presentation.present(record);
      else process.stdout.write(`${JSON.stringify(record)}\n`);
    };
    const stream = core.listen('run.records', { run, from: 1 }, (records) => records.forEach(print));
    await stream.ended;
    presentation?.dispose();
    if (options.json) return;
    const { dim } = terminal.colours;
    terminal.line(
      dim(
        `${new Date(manifest.startedAt).toISOString()}, ${manifest.duration === null ? 'unfinished' : formatDuration(manifest.duration)}, scenario ${manifest.scenario.hash.slice(0, 8)}`,
      ),
    );
    if (manifest.totals)
      terminal.line(
        dim(
          `${manifest.totals.records} records, ${manifest.totals.samples} samples of ${manifest.totals.series} series, ${manifest.totals.gapsLost} records lost`,
        ),
      );
    terminal.line(dim(folder));
  });
}

export function exportRun(named: string, file: string | undefined, options: Options): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    const written = await core.request('runs.export', { run, file: resolve(file ?? `${run}.testops-run`) });
    terminal.line(`${written.file} (${formatBytes(written.bytes)})`);
  });
}

export function importRun(file: string, options: Options): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const imported = await core.request('runs.import', { file: resolve(file) });
    terminal.line(`${imported.run} imported into ${imported.folder}`);
  });
}

export function deleteRun(named: string, options: Options & { readonly yes?: boolean }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    if (!options.yes) {
      if (!terminal.interactive) {
        throw new ProblemError({ code: 'not-confirmed', message: `${run} was not deleted: nobody can be asked here.`, tip: 'Say --yes.' });
      }
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      const answer = await lines.question(`Delete ${run} for good? (y/n) `);
      lines.close();
      if (answer.trim().toLowerCase() !== 'y') return terminal.line('Nothing was deleted.');
    }
    await core.request('runs.delete', { run });
    terminal.line(`${run} deleted`);
  });
}

export function recover(named: string | undefined, options: Options & { readonly environment?: string }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const { runs } = await core.request('runs.interrupted', {});
    if (named === undefined) {
      if (runs.length === 0) return terminal.line('No interrupted run owes anything.');
      for (const each of runs) terminal.line(`${each.run} owes: ${each.owed.join('; ') || 'nothing'}`);
      return;
    }
    if (options.environment === undefined) {
      throw new ProblemError({
        code: 'no-environment',
        message: 'Deferred commands need their environment.',
        tip: 'Name its file with --environment.',
      });
    }
    const run = await findRun(core, named);
    const recovered = await core.request('run.recover', { run, environmentFile: resolve(options.environment) });
    for (const command of recovered.executed) terminal.line(`executed: ${command}`);
    for (const command of recovered.failed)
      terminal.problem({ severity: 'error', code: 'deferred-failed', message: `${run}: ${command} failed.` });
    if (recovered.failed.length > 0) process.exitCode = exitCodes.error;
  });
}

export function rebuild(options: Options): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const rebuilt = await core.request('runs.rebuild', {});
    terminal.line(`${rebuilt.runs} runs found, ${rebuilt.damaged} of them damaged`);
  });
}

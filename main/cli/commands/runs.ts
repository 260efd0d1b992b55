/** `testops runs …`: the archive. */
import { createInterface } from 'node:readline/promises';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { withCore } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { findRun } from '../named-run.ts';
import { outputGone } from '../output-end.ts';
import { RunPresentation } from '../run-presentation.ts';
import { formatTable, inert } from '../terminal.ts';
import { withoutDefer } from '../trace.ts';
import { durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { counted } from '#shared/wording/counts.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';

interface Options {
  readonly archive: string | undefined;
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
    if (runs.length === 0) {
      const filtered = Object.keys(filter).length > 0;
      return terminal.line(filtered ? 'No archived run is like that.' : 'No runs here yet; testops demo makes one.');
    }
    const rows = runs.map((run) => [
      run.run,
      run.scenario,
      run.release,
      `${run.damage === null ? (run.outcome ?? 'unfinished') : 'damaged'}${run.mode === 'dry' ? ' (dry)' : ''}`,
      run.duration === null ? '' : durationText(run.duration, 'steady'),
      run.totals && run.totals.checksMet + run.totals.checksNotMet > 0
        ? `${run.totals.checksMet}/${run.totals.checksMet + run.totals.checksNotMet}`
        : '',
      run.totals ? quantityText(run.totals.bytes, 'bytes', 'steady') : '',
      run.operator,
    ]);
    for (const line of formatTable([['RUN', 'SCENARIO', 'RELEASE', 'OUTCOME', 'DURATION', 'CHECKS', 'SIZE', 'OPERATOR'], ...rows]))
      terminal.line(inert(line));
  });
}

export function show(named: string, options: Options & { readonly json?: boolean }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    const { manifest, folder, problems } = await core.request('runs.show', { run });
    for (const problem of problems) terminal.problem(problem);
    const presentation = options.json ? undefined : new RunPresentation(terminal);
    const print = (record: RunRecord) => {
      if (presentation) presentation.present(record);
      else process.stdout.write(`${JSON.stringify(record)}\n`);
    };
    const stream = core.listen('run.records', { run, from: 1 }, (records) => records.forEach(print));
    outputGone.addEventListener('abort', () => stream.close(), { once: true });
    try {
      await stream.ended;
    } catch (failure) {
      // What can be read of a damaged run was shown; the rest of it is known from its manifest.
      terminal.problem(problemOf(failure));
      process.exitCode = exitCodes.error;
    }
    presentation?.finish();
    presentation?.dispose();
    if (options.json) return;
    const { dim } = terminal.colours;
    terminal.line(
      dim(
        `${dateAndTimeUtc(manifest.startedAt)}, ${manifest.duration === null ? 'unfinished' : durationText(manifest.duration)}, scenario text ${manifest.scenario.hash.slice(0, 8)}${manifest.workspaceCommit === null ? '' : `, workspace ${manifest.workspaceCommit.slice(0, 12)}`}`,
      ),
    );
    if (manifest.totals)
      terminal.line(
        dim(
          `${counted(manifest.totals.records, 'record')}, ${counted(manifest.totals.samples, 'sample')} of ${counted(manifest.totals.series, 'series', 'series')}, ${counted(manifest.totals.gapsLost, 'record')} lost`,
        ),
      );
    terminal.line(dim(folder));
  });
}

export function exportRun(named: string, file: string | undefined, options: Options & { readonly force?: boolean }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    const target = resolve(file ?? `${run}.testops-run`);
    if (!options.force) await refuseOverwriting(target);
    const written = await core.request('runs.export', { run, file: target });
    terminal.line(`${written.file} (${quantityText(written.bytes, 'bytes')})`);
  });
}

async function refuseOverwriting(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  // A folder is refused by whoever writes.
  if (!found?.isFile()) return;
  throw new ProblemError({
    code: 'file-exists',
    message: `${file} is there already, so nothing was written.`,
    tip: 'Choose another name, or overwrite it with --force.',
  });
}

export function importRun(file: string, options: Options): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const imported = await core.request('runs.import', { file: resolve(file) });
    terminal.line(`${imported.run} imported into ${imported.folder}`);
  });
}

export function deleteRun(named: string, options: Options & { readonly yes?: boolean }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const run = await findRun(core, named);
    const accepted = await isAccepted(core, run);
    if (!options.yes) {
      if (!terminal.interactive) {
        throw new ProblemError({ code: 'not-confirmed', message: `${run} was not deleted: nobody can be asked here.`, tip: 'Say --yes.' });
      }
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      const answer = await lines.question(`${accepted ? `${run} was accepted as baseline. ` : ''}Delete ${run} for good? (y/n) `);
      lines.close();
      if (answer.trim().toLowerCase() !== 'y') return terminal.line('Nothing was deleted.');
    }
    await core.request('runs.delete', { run });
    terminal.line(accepted ? `${run} deleted; it was accepted, so comparisons have one run less` : `${run} deleted`);
  });
}

/** Whether comparisons lose something with a run; a damaged one tells nothing. */
async function isAccepted(core: Core, run: RunId): Promise<boolean> {
  const { runs } = await core.request('runs.list', {});
  return runs.some((each) => each.run === run && each.decision === 'accepted');
}

export function recover(
  named: string | undefined,
  options: Options & { readonly environment?: string; readonly trust?: boolean },
): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const { runs } = await core.request('runs.interrupted', {});
    if (named === undefined) {
      if (runs.length === 0) return terminal.line('No interrupted run owes anything.');
      for (const each of runs) terminal.line(`${each.run} owes: ${inert(each.owed.map(withoutDefer).join('; ')) || 'nothing'}`);
      return;
    }
    const run = await findRun(core, named);
    if (options.environment === undefined) {
      throw new ProblemError({
        code: 'no-environment',
        message: `The deferred commands of ${run} need their environment.`,
        tip: 'Name its file with --environment.',
      });
    }
    const recovered = await core.request('run.recover', { run, environmentFile: resolve(options.environment) });
    for (const command of recovered.executed) terminal.line(`executed: ${inert(withoutDefer(command))}`);
    for (const command of recovered.failed) {
      terminal.problem({
        severity: 'error',
        code: 'deferred-failed',
        message: `The deferred command '${withoutDefer(command)}' failed.`,
        tip: `testops runs show ${run} says why.`,
      });
    }
    terminal.line(`${run} is closed as interrupted.`);
    if (recovered.failed.length > 0) process.exitCode = exitCodes.error;
  });
}

export function rebuild(options: Options): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const rebuilt = await core.request('runs.rebuild', {});
    terminal.line(`${counted(rebuilt.runs, 'run')} found, ${rebuilt.damaged} of them damaged`);
  });
}

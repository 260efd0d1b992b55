/** `testops releases`: which release candidates were tested, and whether one may go on. */
import { withCore } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable, inert, type Colours } from '../terminal.ts';
import { sheetBasis } from '#shared/analysis/release-sheet.ts';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';

interface Options {
  readonly archive: string | undefined;
  readonly json?: boolean;
}

export function listReleases(options: Options): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const { releases } = await core.request('releases.list', {});
    if (options.json) {
      for (const release of releases) terminal.line(JSON.stringify(release));
      return;
    }
    if (releases.length === 0) return terminal.line('No runs here yet; testops demo makes one.');
    const rows = releases.map(({ release, runs, passed, failed, accepted, rejected, lastRun, scenarios }) => [
      inert(release),
      String(runs),
      String(passed),
      String(failed),
      String(accepted),
      String(rejected),
      dateAndTimeUtc(lastRun),
      inert(scenarios.join(', ')),
    ]);
    for (const line of formatTable([['RELEASE', 'RUNS', 'PASSED', 'FAILED', 'ACCEPTED', 'REJECTED', 'LAST RUN', 'SCENARIOS'], ...rows]))
      terminal.line(line);
  });
}

/** The sheet of one candidate; the exit status says whether it may go on. */
export function showRelease(release: string, options: Options & { readonly previous?: string }): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const sheet = await core.request('releases.sheet', { release, previous: options.previous ?? null });
    if (options.json) terminal.line(JSON.stringify(sheet));
    else for (const line of sheetWords(sheet, terminal.colours)) terminal.line(line);
    process.exitCode = sheet.answer === 'yes' ? exitCodes.passed : sheet.answer === 'no' ? exitCodes.failed : exitCodes.noHistory;
  });
}

function sheetWords(sheet: ReleaseSheet, { bold, red, green, yellow, dim }: Colours): string[] {
  const colour = sheet.answer === 'yes' ? green : sheet.answer === 'no' ? red : yellow;
  const lines = [
    `May ${inert(sheet.release)} go on?  ${bold(colour(sheet.answer))}`,
    ...sheet.reasons.map((reason) => `  ${inert(reason)}`),
  ];
  if (sheet.previous !== null) lines.push(dim(`Compared with ${inert(sheetBasis(sheet))}`));
  for (const { scenario, runs, passed, comparison, problem } of sheet.scenarios) {
    lines.push('', bold(inert(`${scenario}: ${passed} of ${runs.length} passed`)));
    if (comparison) {
      lines.push(`  ${comparison.verdict}: ${inert(comparison.reason)}`);
      for (const { sentence, cause } of comparison.top)
        lines.push(`    ${inert(sentence)}${cause === null ? '' : dim(`  (${inert(cause)})`)}`);
      if (comparison.more > 0)
        lines.push(dim(`    and ${comparison.more} more: testops compare ${comparison.candidate}${baselineWords(sheet)} --all`));
    }
    if (problem !== null) lines.push(`  ${yellow(inert(problem))}`);
  }
  if (sheet.questions.length > 0) lines.push('', bold('Open questions'), ...sheet.questions.map(({ sentence }) => `  ${inert(sentence)}`));
  return lines;
}

/** How the same baseline is named to `testops compare`. */
function baselineWords({ previous }: ReleaseSheet): string {
  if (previous === null) return '';
  return ` --baseline ${/^[\w.-]+$/.test(previous) ? previous : `'${inert(previous).replaceAll("'", "'\\''")}'`}`;
}

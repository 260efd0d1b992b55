/** `testops runs storage` and `testops runs samples`: what the archive takes, what may go, and the runs that come with the product. */
import { createInterface } from 'node:readline/promises';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { RetentionRules } from '#shared/contract/history.ts';
import { ProblemError } from '#shared/problem.ts';
import { withCore } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable, inert, type Terminal } from '../terminal.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { counted } from '#shared/wording/counts.ts';

export interface StorageOptions {
  readonly archive: string | undefined;
  /** Runs to keep per scenario and release. */
  readonly keep?: number;
  /** Days. */
  readonly age?: number;
  /** Keeps these rules in the archive. */
  readonly save?: boolean;
  readonly apply?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

type Preview = MethodResponse<'retention.preview'>;

export function storage(options: StorageOptions): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const given = options.keep !== undefined || options.age !== undefined;
    if (options.save && !given) throw nothingToSave();
    const rules = given
      ? { keepLast: options.keep ?? null, maximumAge: options.age ?? null }
      : (await core.request('retention.rules', {})).rules;
    if (options.save) await core.request('retention.rules', { rules });
    const preview = await core.request('retention.preview', { rules });
    if (options.json) terminal.line(JSON.stringify({ rules, ...preview }));
    else show(preview, rules, terminal);
    const going = preview.runs.filter(({ goes }) => goes);
    if (!options.apply || going.length === 0) return;
    if (!options.yes && !(await confirmed(going.length, terminal))) return terminal.line('Nothing was removed.');
    const applied = await core.request('retention.apply', { runs: going.map(({ run }) => run), accepted: [] });
    for (const message of applied.problems) terminal.problem({ severity: 'warning', code: 'run-kept', message });
    if (options.json) terminal.line(JSON.stringify(applied));
    else terminal.line(`${counted(applied.removed, 'run')} removed (${quantityText(applied.bytes, 'bytes')})`);
    if (applied.problems.length > 0) process.exitCode = exitCodes.error;
  });
}

function show({ total, runs }: Preview, rules: RetentionRules, terminal: Terminal): void {
  if (runs.length === 0) return terminal.line('No runs here yet; testops demo makes one.');
  const rows = runs.map(({ run, bytes, decision, goes, reason }) => [
    run,
    quantityText(bytes, 'bytes'),
    decision,
    goes ? 'goes' : 'stays',
    reason,
  ]);
  for (const line of formatTable([['RUN', 'SIZE', 'DECISION', 'BY THE RULES', 'REASON'], ...rows])) terminal.line(inert(line));
  const going = runs.filter(({ goes }) => goes);
  const bytes = going.reduce((sum, each) => sum + each.bytes, 0);
  terminal.line(
    `${counted(runs.length, 'run')}, ${quantityText(total, 'bytes')}. By the rules (${inWords(rules)}), ${going.length} may go (${quantityText(bytes, 'bytes')}).`,
  );
}

function inWords({ keepLast, maximumAge }: RetentionRules): string {
  const rules = [
    ...(keepLast === null ? [] : [`keep the last ${keepLast} of each scenario and release`]),
    ...(maximumAge === null ? [] : [`keep what is not older than ${counted(maximumAge, 'day')}`]),
  ];
  return rules.length === 0 ? 'none is set' : `${rules.join('; ')}; keep what was accepted`;
}

async function confirmed(runs: number, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive) {
    throw new ProblemError({ code: 'not-confirmed', message: 'Nothing was removed: nobody can be asked here.', tip: 'Say --yes.' });
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question(`Remove ${counted(runs, 'run')} for good? (y/n) `);
  lines.close();
  return answer.trim().toLowerCase() === 'y';
}

function nothingToSave(): ProblemError {
  return new ProblemError({ code: 'no-rules', message: 'There is no rule to save.', tip: 'Give --keep, --age or both.' });
}

export function samples(options: { readonly archive: string | undefined }): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const { imported, already } = await core.request('samples.import', {});
    terminal.line(`${counted(imported, 'run')} of the sample history imported, ${counted(already, 'was', 'were')} there already`);
  });
}

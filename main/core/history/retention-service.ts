/** What the archive takes, what would go by its rules, and taking that away. The rules stand in the archive's folder. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { inGroups } from '../archive/catalogue.ts';
import { isOpen } from '#main/core/archive/lock.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { Decoded, MethodTable } from '../contract/method-tables.ts';
import type { HistoryParts } from './history-parts.ts';
import { fatesOf, reasonToStay, type KeptRun } from './retention-rules.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { retentionRulesSchema, type RetentionRules } from '#shared/contract/history.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import type { RunSummary } from '#shared/run/manifest.ts';
import { decisionOf } from '#shared/run/remarks.ts';

export const retentionFile = '.retention.json';

const fileSchema = z.object({ version: z.literal(1), rules: retentionRulesSchema });
const noRules: RetentionRules = { keepLast: null, maximumAge: null };

type Retention = 'retention.rules' | 'retention.preview' | 'retention.apply';

export function retentionService(parts: HistoryParts): MethodTable<Retention> {
  const { archive } = parts;
  return {
    'retention.rules': async ({ rules }) => {
      if (rules) await writeRules(archive.folder, rules);
      return { rules: rules ?? (await readRules(archive.folder)) };
    },
    'retention.preview': async ({ rules }) => preview(parts, rules ?? (await readRules(archive.folder))),
    'retention.apply': (request) => apply(parts, request),
  };
}

async function readRules(archive: string): Promise<RetentionRules> {
  const file = join(archive, retentionFile);
  const text = await readFile(file, 'utf8').catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return null;
    throw unreadable(file, failure.message);
  });
  if (text === null) return noRules;
  try {
    return fileSchema.parse(JSON.parse(text)).rules;
  } catch {
    // Rules that cannot be understood must not be taken for others: nothing goes until somebody has looked.
    throw unreadable(file, 'it is damaged');
  }
}

function unreadable(file: string, why: string): ProblemError {
  return new ProblemError({
    code: 'retention-rules',
    message: `The rules for what the archive keeps cannot be read: ${why}.`,
    tip: 'Set the rules anew.',
    file,
  });
}

async function writeRules(archive: string, rules: RetentionRules): Promise<void> {
  const file = join(archive, retentionFile);
  try {
    await writeAtomically(file, `${JSON.stringify({ version: 1, rules }, null, 2)}\n`, { mode: 0o644 });
  } catch (failure) {
    throw new ProblemError({ code: 'retention-rules', message: `The rules cannot be kept: ${problemOf(failure).message}.`, file });
  }
}

async function preview(parts: HistoryParts, rules: RetentionRules): Promise<MethodResponse<'retention.preview'>> {
  const summaries = await parts.archive.list();
  const runs = await inGroups(summaries, (summary) => keptRun(parts, summary));
  const sizes = await inGroups(summaries, (summary) => bytesOf(parts, summary));
  const fates = fatesOf(runs, rules, parts.clock.now());
  return {
    total: sizes.reduce((sum, bytes) => sum + bytes, 0),
    runs: runs.map((kept, index) => {
      const { run } = kept.summary;
      const { goes, reason } = fates.get(run) ?? { goes: false, reason: 'no rule is set' };
      return { run, bytes: sizes[index] ?? 0, decision: kept.decision, goes, removable: reasonToStay(kept) === null, reason };
    }),
  };
}

/** Removes the named runs one after the other, each looked at again: much may have happened since the preview. */
async function apply(parts: HistoryParts, request: Decoded<'retention.apply'>): Promise<MethodResponse<'retention.apply'>> {
  const named = new Set(request.accepted);
  const known = new Map((await parts.archive.list()).map((summary) => [summary.run, summary]));
  const result = { removed: 0, bytes: 0, problems: [] as string[] };
  for (const run of new Set([...request.runs, ...request.accepted])) {
    const summary = known.get(run);
    if (!summary) continue;
    const bytes = await bytesOf(parts, summary);
    const refusal = await remove(parts, summary, named.has(run));
    if (refusal !== null) result.problems.push(refusal);
    else {
      result.removed++;
      result.bytes += bytes;
    }
  }
  if (result.removed > 0) parts.changed();
  return result;
}

/** Null: it is gone; otherwise the sentence that says why it is not. */
async function remove(parts: HistoryParts, summary: RunSummary, named: boolean): Promise<string | null> {
  const { run } = summary;
  try {
    const kept = await keptRun(parts, summary);
    const reason = reasonToStay(kept);
    if (reason !== null) return `${run} stays: ${reason}.`;
    if (kept.decision === 'accepted' && !named) return `${run} stays: it was accepted, and is not named among the accepted runs to remove.`;
    await parts.archive.remove(run);
    await parts.remarks.remove(run);
    await parts.profiles.remove(run);
    return null;
  } catch (failure) {
    const problem = problemOf(failure);
    // Somebody else was faster, with the same wish.
    return problem.code === 'unknown-run' ? null : `${run} stays: ${problem.message}`;
  }
}

async function keptRun(parts: HistoryParts, summary: RunSummary): Promise<KeptRun> {
  const decision = decisionOf(await parts.remarks.of(summary.run));
  return { summary, decision, use: await useOf(parts, summary.run) };
}

async function useOf({ runs, inUse, archive }: HistoryParts, run: RunId): Promise<string | null> {
  if (runs.has(run)) return 'it still goes on';
  if (await isOpen(join(archive.folder, run))) return 'open in a console at the moment';
  switch (inUse.useOf(run)) {
    case 'export':
      return 'it is being exported';
    case 'look':
      return 'somebody looks at it, or did a moment ago';
    case null:
      return null;
  }
}

/** Bytes of a run: as counted when it was finished, or of what is in its folder. */
async function bytesOf({ archive }: HistoryParts, { run, totals }: RunSummary): Promise<number> {
  return totals?.bytes ?? folderBytes(join(archive.folder, run));
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await inGroups(
    entries.filter((entry) => entry.isFile()),
    (entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

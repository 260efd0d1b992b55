/** What was said about a run goes with it: the last entry of its bundle, where anything was said at all. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import { remarkBounds, remarksFolder, remarksIn, RemarkStore } from './remark-store.ts';
import { remarksEnding } from './remark-summaries.ts';
import { refuseBundle } from './bundle-format.ts';

/** The entry of a run's remarks; null where nothing was said. A line that is no remark is left empty, so that every number stays. */
export async function remarksForBundle(archive: string, run: RunId): Promise<Buffer | null> {
  const remarks = await new RemarkStore(archive, () => 0).of(run);
  const last = remarks.at(-1);
  if (!last) return null;
  const lines = Array.from({ length: last.number }, () => '');
  for (const { number, ...said } of remarks) lines[number - 1] = JSON.stringify(said);
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Refuses an entry that is not what {@link remarksForBundle} writes. */
export async function checkRemarks(bundle: string, file: string): Promise<Buffer> {
  const bytes = await readFile(file);
  const text = bytes.toString('utf8');
  const lines = text.split('\n');
  if (lines.pop() !== '') refuseBundle(bundle, 'what was said about its run ends in the middle');
  if (lines.length > remarkBounds.lines) refuseBundle(bundle, `more than ${remarkBounds.lines} things were said about its run`);
  const said = new Set<number>();
  const remarks = new Map(remarksIn(text).map((remark) => [remark.number, remark]));
  if (remarks.size === 0 && !lines.some((line) => line !== '')) refuseBundle(bundle, 'nothing was said about its run where it says so');
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const remark = remarks.get(index + 1);
    if (!remark) refuseBundle(bundle, `line ${index + 1} of what was said about its run is no remark`);
    if (remark.kind === 'withdrawal' && !said.has(remark.remark)) {
      refuseBundle(bundle, `line ${index + 1} of what was said about its run takes back what was not said`);
    }
    if (remark.kind !== 'withdrawal') said.add(remark.number);
  }
  return bytes;
}

/** Puts the remarks of an imported run in their place. What is there already was said in this archive, and stays. */
export async function placeRemarks(archive: string, run: RunId, bytes: Buffer): Promise<void> {
  const folder = path.join(archive, remarksFolder);
  try {
    await mkdir(folder, { recursive: true });
    await writeAtomically(path.join(folder, `${run}${remarksEnding}`), bytes, { mode: 0o644, exclusive: true }).catch(unlessThere);
  } catch (failure) {
    throw new ProblemError({
      code: 'remarks-not-imported',
      message: `The run ${run} was imported, but what was said about it was not: ${problemOf(failure).message}.`,
      tip: 'Delete the run and import it again.',
    });
  }
}

function unlessThere(failure: unknown): void {
  if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure;
}

/**
 * The files that come with the product in a workspace that lasts. A new version replaces those that the user left untouched; one
 * that was changed keeps the user's text, and one that was deleted stays away. What was laid down is remembered by its hash, and
 * what is about to be laid down before it is, so that a start that was cut off is brought to its end by the next.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { isHalfOf, writeAtomically } from '#platform/atomic-file.ts';
import { listWorkspace } from '#main/core/workspace/files.ts';
import type { Problem } from '#shared/problem.ts';
import { isThere, makeFolder, writing } from './demo-place.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { Immutable } from '#shared/immutable.ts';
import { listed } from '#shared/wording/names.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const laidFileSchema = z.object({
  /** Of the text that was laid down last; null: none yet. */
  laid: hash.nullable(),
  /** Of the text that is being laid down. */
  laying: hash.nullable(),
  /** Of the product's text that was last told of, since the user's was kept. */
  offered: hash.nullable(),
});
export type LaidFile = z.infer<typeof laidFileSchema>;

const recordSchema = z.object({ version: z.literal(1), files: z.record(z.string().max(1_024), laidFileSchema) });
type LaidRecord = z.infer<typeof recordSchema>;

/** File that remembers what was laid down, beside the workspace. */
export const recordFile = 'laid-down.json';
const nothingRemembered: LaidRecord = { version: 1, files: {} };
const nothingLaid: LaidFile = { laid: null, laying: null, offered: null };

/** One file as it is to be in the workspace. */
export interface ShippedFile {
  /** Within the workspace, with `/`. */
  readonly path: string;
  readonly text: string;
  /** It is needed for the demo to start, so it is laid down again where it was deleted. */
  readonly needed?: boolean;
  /** What says whether the product has something new; the text itself unless given. */
  readonly origin?: string;
  /** What becomes of a text that the user changed; it stays as it is unless given. */
  readonly adapt?: (text: string) => string;
}

/** What a user made of the files that came with the product. */
export type WorkspaceChange = Immutable<MethodResponse<'demo.workspace'>['changes'][number]>;

/** Texts of all files in a template's folder, by path with `/`. */
export async function textsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) texts.set(relative(folder, file).split(sep).join('/'), await readFile(file, 'utf8'));
  }
  return texts;
}

/** Brings a workspace up to date; returns what the user should know. */
export async function layDown(folder: string, own: string, shipped: readonly ShippedFile[]): Promise<readonly Problem[]> {
  // Who took the whole folder away wants it as it came.
  const before = (await isThere(folder)) ? await readRecord(own) : nothingRemembered;
  const cutOff = Object.entries(before.files).flatMap(([path, { laying }]) => (laying === null ? [] : [join(folder, path)]));
  for (const file of [join(own, recordFile), ...cutOff]) await removeHalves(file);
  const files: Record<string, LaidFile> = { ...before.files };
  const writes: Pick<ShippedFile, 'path' | 'text'>[] = [];
  const adapted: Pick<ShippedFile, 'path' | 'text'>[] = [];
  const kept: string[] = [];
  for (const file of shipped) {
    const decided = decide(file, await textAt(folder, file.path), before.files[file.path]);
    files[file.path] = decided.remembered;
    if (decided.write !== null) (decided.isUsers ? adapted : writes).push({ path: file.path, text: decided.write });
    if (decided.kept) kept.push(file.path);
  }
  await writeRecord(own, { version: 1, files });
  for (const { path, text } of [...writes, ...adapted]) await writeText(join(folder, path), text);
  // The user's text with another port is the user's text: it is not remembered as one that was laid down.
  for (const { path, text } of writes) files[path] = { ...nothingLaid, ...files[path], laid: hashOf(text), laying: null };
  if (writes.length > 0) await writeRecord(own, { version: 1, files });
  return kept.length === 0 ? [] : [newVersionKept(folder, kept)];
}

interface Decision {
  readonly remembered: LaidFile;
  /** The text to write; null: the file stays as it is. */
  readonly write: string | null;
  /** That text is the user's, adapted. */
  readonly isUsers: boolean;
  /** The product has a new text, which was not laid down. */
  readonly kept: boolean;
}

function decide(file: ShippedFile, present: string | null, known: LaidFile | undefined): Decision {
  const { text, needed = false } = file;
  const wanted = hashOf(text);
  const origin = hashOf(file.origin ?? text);
  const lay = (what: string, offered: string | null): Decision => ({
    remembered: { laid: known?.laid ?? null, laying: hashOf(what), offered },
    write: what,
    isUsers: false,
    kept: false,
  });
  if (present === null) {
    const neverThere = !known || (known.laid === null && known.laying !== null);
    if (needed || neverThere) return lay(text, origin);
    return { remembered: { ...known, laying: null }, write: null, isUsers: true, kept: false };
  }
  const now = hashOf(present);
  if (now === wanted) return { remembered: { laid: now, laying: null, offered: origin }, write: null, isUsers: false, kept: false };
  if (known && (now === known.laid || now === known.laying)) return lay(text, origin);
  const isNew = known?.offered !== origin;
  const adapted = file.adapt?.(present) ?? present;
  const remembered = { laid: known?.laid ?? null, laying: null, offered: origin };
  return { remembered, write: adapted === present ? null : adapted, isUsers: true, kept: isNew };
}

/** What a user made of a workspace: all that a reset would set aside. */
export async function changesIn(folder: string, own: string): Promise<readonly WorkspaceChange[]> {
  const there = await listWorkspace(folder).then(
    ({ files }) => files.map(({ path }) => path),
    () => null,
  );
  if (there === null) return [];
  const { files } = await readRecord(own);
  const changes: WorkspaceChange[] = [];
  for (const path of there) {
    const known = files[path];
    if (!known) changes.push({ path, kind: 'added' });
    else if (![known.laid, known.laying].includes(hashOf((await textAt(folder, path)) ?? ''))) changes.push({ path, kind: 'changed' });
  }
  for (const path of Object.keys(files)) if (!there.includes(path)) changes.push({ path, kind: 'deleted' });
  return changes.sort((left, right) => (left.path < right.path ? -1 : 1));
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The text of a file; null where there is none. */
export async function textAt(folder: string, path: string): Promise<string | null> {
  return writing(join(folder, path), () =>
    readFile(join(folder, path), 'utf8').catch((failure: NodeJS.ErrnoException) => {
      if (failure.code === 'ENOENT') return null;
      throw failure;
    }),
  );
}

/** What a start that was killed while it wrote a file left beside it. */
async function removeHalves(file: string): Promise<void> {
  const left = (await readdir(dirname(file)).catch(() => [])).filter((name) => isHalfOf(basename(file), name));
  for (const name of left) await writing(file, () => rm(join(dirname(file), name), { force: true }));
}

async function writeText(file: string, text: string): Promise<void> {
  await writing(file, async () => {
    await makeFolder(dirname(file));
    await writeAtomically(file, text, { mode: 0o644 });
  });
}

/** A record that cannot be read is none: what is in the workspace counts as the user's then, unless it is as the product has it. */
async function readRecord(own: string): Promise<LaidRecord> {
  try {
    return recordSchema.safeParse(JSON.parse(await readFile(join(own, recordFile), 'utf8'))).data ?? nothingRemembered;
  } catch {
    return nothingRemembered;
  }
}

async function writeRecord(own: string, record: LaidRecord): Promise<void> {
  const file = join(own, recordFile);
  await writing(file, () => writeAtomically(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 }));
}

function newVersionKept(folder: string, paths: readonly string[]): Problem {
  return {
    severity: 'information',
    code: 'demo-files-kept',
    message: `This version of the product has new texts of files of the demo that you changed: ${listed(paths, 4)}. Yours were kept.`,
    tip: '"Reset the demo workspace" lays the new ones down, and sets yours aside.',
    file: folder,
  };
}

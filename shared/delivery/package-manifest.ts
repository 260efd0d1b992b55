/**
 * The manifest of a package: every file with its path, mode, size and hash, sorted. The hash of its text is the hash of the package, so the
 * same content is the same package on every machine. Core and workers read it here; nothing in it is trusted.
 */
import { z } from 'zod';
import { ProblemError } from '#shared/problem.ts';
import { hashSchema } from '#shared/campaign/plan.ts';

export const manifestFormat = 'testops-package-1';
/** Bounds of a package: files, and bytes of one, of all, and of its manifest. */
export const packageLimits = {
  files: 200_000,
  fileBytes: 2 * 1024 ** 3,
  totalBytes: 8 * 1024 ** 3,
  manifestBytes: 64 * 1024 ** 2,
} as const;

const longestPath = 1_024;
const longestName = 255;

const fileSchema = z.strictObject({
  path: z.string(),
  /** Permissions: whether it may be executed is all that is kept of them. */
  mode: z.union([z.literal(0o644), z.literal(0o755)]),
  size: z.int().min(0).max(packageLimits.fileBytes),
  hash: hashSchema,
});
/** A symbolic link to a file or folder of the package. */
const linkSchema = z.strictObject({ path: z.string(), link: z.string() });
const entrySchema = z.union([fileSchema, linkSchema]);
export type PackageFile = z.infer<typeof fileSchema>;
export type PackageEntry = z.infer<typeof entrySchema>;

const manifestSchema = z.strictObject({ format: z.literal(manifestFormat), entries: z.array(entrySchema).max(packageLimits.files) });
export type PackageManifest = z.infer<typeof manifestSchema>;

/** The text of a manifest; throws a ProblemError for entries that no package may have. */
export function manifestText(entries: readonly PackageEntry[]): string {
  const sorted = [...entries].sort((left, right) => comparePaths(left.path, right.path));
  checkEntries(sorted);
  const ordered = sorted.map((entry) =>
    'link' in entry ? { path: entry.path, link: entry.link } : { path: entry.path, mode: entry.mode, size: entry.size, hash: entry.hash },
  );
  return `${JSON.stringify({ format: manifestFormat, entries: ordered })}\n`;
}

/** Decodes and checks a manifest; throws a ProblemError for one that is none, or names what would lead out of the package's folder. */
export function readManifest(text: string): PackageManifest {
  if (text.length > packageLimits.manifestBytes) refuse('its manifest is too long');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse('its manifest is not JSON');
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) refuse(`its manifest is damaged (${parsed.error.issues[0]?.path.join('.') || 'whole'})`);
  checkEntries(parsed.data.entries);
  return parsed.data;
}

/** Why a path cannot stand in a package, as a sentence goes on after it; null: it can. */
export function packagePathFault(path: string): string | null {
  if (path === '' || path.length > longestPath) return path === '' ? 'is empty' : 'is too long';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute';
  if (/[\\\u0000-\u001f\u007f]/.test(path)) return 'holds characters that no path of a package may have';
  if (!path.isWellFormed()) return 'is no text';
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') return 'leads out of its folder, or is not plain';
    if (name.length > longestName) return 'has a name that is too long';
    // A worker's checkout of its own would be led astray.
    if (name.toLowerCase() === '.git') return 'belongs to a repository, not to its content';
  }
  return null;
}

/** The path that a link leads to; null where it leads out of the package or is not plain. */
export function linkTarget(path: string, link: string): string | null {
  if (link === '' || link.startsWith('/') || packagePathFault(link.replace(/^(\.\.\/)+/, '').replace(/\/$/, '')) !== null) return null;
  const up = /^(\.\.\/)*/.exec(link)?.[0].length ?? 0;
  const folders = path.split('/').slice(0, -1);
  if (up / 3 > folders.length) return null;
  return [...folders.slice(0, folders.length - up / 3), link.slice(up).replace(/\/$/, '')].join('/');
}

function checkEntries(entries: readonly PackageEntry[]): void {
  if (entries.length > packageLimits.files) refuse(`it has more than ${packageLimits.files} files`);
  /** Folders, files and links as they are written, by what systems without upper and lower case take them for. */
  const names = new Map<string, { readonly path: string; readonly kind: 'folder' | 'file' | 'link' }>();
  let before = '';
  let bytes = 0;
  for (const entry of entries) {
    const fault = packagePathFault(entry.path);
    if (fault !== null) refuse(`the path ${shown(entry.path)} ${fault}`);
    if (before !== '' && comparePaths(before, entry.path) >= 0)
      refuse(`the path ${shown(entry.path)} is there twice, or in the wrong place`);
    before = entry.path;
    bytes += 'link' in entry ? 0 : entry.size;
    const parts = entry.path.split('/');
    for (let length = 1; length < parts.length; length++) note(names, parts.slice(0, length).join('/'), 'folder');
    note(names, entry.path, 'link' in entry ? 'link' : 'file');
  }
  if (bytes > packageLimits.totalBytes) refuse(`it has more than ${packageLimits.totalBytes} bytes`);
  for (const entry of entries) {
    if (!('link' in entry)) continue;
    const target = linkTarget(entry.path, entry.link);
    const found = target === null ? undefined : names.get(folded(target));
    if (!found || found.path !== target || found.kind === 'link') {
      refuse(`the link ${shown(entry.path)} leads to ${shown(entry.link)}, which is no file or folder of it`);
    }
  }
}

function note(
  names: Map<string, { path: string; kind: 'folder' | 'file' | 'link' }>,
  path: string,
  kind: 'folder' | 'file' | 'link',
): void {
  const key = folded(path);
  const found = names.get(key);
  if (!found) {
    names.set(key, { path, kind });
    return;
  }
  if (found.path !== path) refuse(`${shown(found.path)} and ${shown(path)} are one file on some systems`);
  if (found.kind !== 'folder' || kind !== 'folder') refuse(`${shown(path)} is a file and a folder at once`);
}

function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** By code units, so that no machine's language changes it. */
function comparePaths(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

function refuse(reason: string): never {
  throw new ProblemError({ code: 'package-refused', message: `The package cannot be used: ${reason}.` });
}

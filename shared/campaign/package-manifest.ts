/**
 * The manifest of a package: which files it has, each by the SHA-256 of its content. A package is known by the SHA-256 of its manifest's
 * canonical text, so the same hash is the same content everywhere, and who has the hash can verify every byte.
 *
 * Canonical text: JSON without spaces, `{"files":[{"path","mode","size","hash"}, …]}` with the keys in this order, files in the order of
 * their paths by code units, no path twice.
 */
import { z } from 'zod';
import { hashSchema } from './plan.ts';

/** Files that a package may have. */
export const mostPackageFiles = 200_000;
/** Bytes of a manifest. */
export const longestManifest = 64 * 1024 * 1024;

/** Bytes of all files of a package, and characters of a path and of a name in it. */
export const mostPackageBytes = 8 * 1024 ** 3;
const longestPath = 1_024;
const longestName = 255;

/** Why a path cannot stand in a package, on whatever system, as a sentence goes on after it; null: it can. */
export function packagePathFault(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.length > longestPath) return 'is too long';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute';
  if (/[\\\u0000-\u001f\u007f]/.test(path) || !path.isWellFormed()) return 'holds characters that no path of a package may have';
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') return 'leads out of its folder, or is not plain';
    if (name.length > longestName) return 'has a name that is too long';
    // Git would take what is laid out there for a repository, with hooks.
    if (name.toLowerCase() === '.git') return 'belongs to a repository, not to its content';
  }
  return null;
}

export const packageFileSchema = z.object({
  /** Within the package, with slashes. */
  path: z.string().refine((path) => packagePathFault(path) === null, 'not a path within the package'),
  /** Permissions: 0o755 of what may be executed, else 0o644. */
  mode: z.int().min(0).max(0o777),
  size: z.int().min(0),
  hash: hashSchema,
});
export type PackageFile = z.infer<typeof packageFileSchema>;

export const packageManifestSchema = z.object({ files: z.array(packageFileSchema).max(mostPackageFiles) });
export type PackageManifest = z.infer<typeof packageManifestSchema>;

/** The text of which the SHA-256 names the package. */
export function manifestText(manifest: PackageManifest): string {
  const files = manifest.files.map(({ path, mode, size, hash }) => ({ path, mode, size, hash }));
  files.sort((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)));
  return JSON.stringify({ files });
}

/** A manifest from its text, or what is wrong with it as a sentence goes on after it. Whether the text has the right hash is the caller's to check. */
export function readManifest(text: string): PackageManifest | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return 'is no JSON';
  }
  const { data, error } = packageManifestSchema.safeParse(content);
  if (!data) return `is not one (${error.issues[0]?.path.join('.') ?? ''}: ${error.issues[0]?.message ?? ''})`;
  if (manifestText(data) !== text) return 'is not in its canonical form';
  return clashOf(data) ?? data;
}

/** Two files of one path, also where a system does not tell upper case from lower; a file where another one needs a folder; null: neither. */
export function clashOf({ files }: PackageManifest): string | null {
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size < files.length) return 'names a path twice';
  const names = new Map<string, string>();
  for (const path of paths) {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const name = path.slice(0, end);
      if (end < path.length && paths.has(name)) return `has ${name} as a file and as a folder`;
      const key = name.normalize('NFC').toLowerCase();
      const other = names.get(key) ?? name;
      if (other !== name) return `has ${other} and ${name}, which are one on some systems`;
      names.set(key, name);
    }
  }
  return null;
}

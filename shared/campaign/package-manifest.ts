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

/** A path that stays within the folder in which the package is laid out, on every system. */
function staysWithin(path: string): boolean {
  if (path.includes('\\') || path.includes('\0') || path.startsWith('/') || /^[A-Za-z]:/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

export const packageFileSchema = z.object({
  /** Within the package, with slashes. */
  path: z.string().min(1).max(1_024).refine(staysWithin, 'not a path within the package'),
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

/** Two files of one path, or a file where another one needs a folder. */
function clashOf({ files }: PackageManifest): string | undefined {
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size < files.length) return 'names a path twice';
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (paths.has(path.slice(0, end))) return `has ${path.slice(0, end)} as a file and as a folder`;
    }
  }
  return undefined;
}

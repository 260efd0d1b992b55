/**
 * The folder of a workspace's plugins: its files, and the symbolic links that lead out of it. Node's permission model
 * follows links wherever they lead, so a folder with such a link is not used.
 */
import { readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Problem } from '#shared/problem.ts';

export interface PluginFolder {
  /** Paths of `*.mjs` without symbolic links in their folder: the permission model knows a file by its real path. */
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
}

/** Entries that are looked at; a folder with more is not one of plugins. */
const mostEntries = 100_000;

/** A folder that does not exist holds no plugins. */
export async function lookAtPlugins(folder: string): Promise<PluginFolder> {
  try {
    const real = await realpath(folder);
    const names = (await readdir(real)).filter((name) => name.endsWith('.mjs'));
    if (names.length === 0) return { files: [], problems: [] };
    const refusal = await refusalOf(real);
    if (refusal) return { files: [], problems: [refusal] };
    return { files: names.toSorted().map((name) => join(real, name)), problems: [] };
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'ENOENT') return { files: [], problems: [] };
    throw failure;
  }
}

/** Why the plugins of a folder (its real path) are not used; null when they may be. */
export async function refusalOf(folder: string): Promise<Problem | null> {
  const waiting = [folder];
  let seen = 0;
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    for (const entry of await readdir(here, { withFileTypes: true })) {
      if (++seen > mostEntries) return tooMany(folder);
      const path = join(here, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isSymbolicLink() && !(await staysIn(folder, path))) return leadsOut(folder, path);
    }
  }
  return null;
}

async function staysIn(folder: string, link: string): Promise<boolean> {
  // What leads nowhere now may lead out later.
  const target = await realpath(link).catch(() => null);
  return target === folder || (target !== null && target.startsWith(folder + sep));
}

function leadsOut(folder: string, link: string): Problem {
  return {
    severity: 'error',
    code: 'plugin-link',
    file: link,
    message: `The plugins of ${folder} are not used: the symbolic link ${relative(folder, link)} leads out of their folder, or to nothing.`,
    tip: 'Put what it leads to in its place, or take it away.',
  };
}

function tooMany(folder: string): Problem {
  return {
    severity: 'error',
    code: 'plugin-folder-too-large',
    message: `The plugins of ${folder} are not used: the folder holds more than ${mostEntries} files.`,
    tip: 'Keep only plugins and what they need in it.',
  };
}

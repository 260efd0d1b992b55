/** What a console opens first: told by its host, from the command line, a double click, or a second start. */
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';

/** The page asks its host for this. */
export interface ConsoleStart {
  readonly workspace: string | null;
  readonly environmentFile: string | null;
  /** Whether the embedded demo environment is brought up and opened. */
  readonly demo: boolean;
  /** A file of the workspace to show, as its path within it, with slashes. */
  readonly file: string | null;
  /** A `.testops-run` file to import and show. */
  readonly bundle: string | null;
}

export const emptyStart: ConsoleStart = { workspace: null, environmentFile: null, demo: false, file: null, bundle: null };

/** Reads the arguments after a program's own: paths, `--demo`, and switches of Chromium, which are left out. */
export function startOfWords(words: readonly string[], folder: string): ConsoleStart {
  const paths = words.filter((word) => !word.startsWith('-')).map((word) => resolve(folder, word));
  const starts = paths.filter((path) => existsSync(path)).map(startOfPath);
  return { ...emptyStart, ...starts.at(-1), demo: words.includes('--demo') };
}

/** A scenario opens its workspace, which is the nearest folder above it that has an environment file, or its own folder. */
export function startOfPath(path: string): ConsoleStart {
  if (statSync(path).isDirectory()) return { ...emptyStart, workspace: path };
  switch (extname(path)) {
    case '.testops-run':
      return { ...emptyStart, bundle: path };
    case '.scn': {
      const workspace = workspaceAbove(dirname(path));
      return { ...emptyStart, workspace, file: relative(workspace, path).split(sep).join('/') };
    }
    case '.yaml':
      return { ...emptyStart, workspace: dirname(path), environmentFile: path };
    default:
      return emptyStart;
  }
}

function workspaceAbove(start: string): string {
  for (let folder = start; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, 'environment.yaml'))) return folder;
  }
  return start;
}

/** Files and folders that the operator opened the console with: on the command line, by a double click, by a second start. */
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';

/** What the page opens first; the same that the web host tells. */
export interface Opening {
  readonly workspace: string | null;
  readonly environmentFile: string | null;
  readonly demo: boolean;
  /** A `.testops-run` file to import and show. */
  readonly bundle: string | null;
}

export const nothingOpened: Opening = { workspace: null, environmentFile: null, demo: false, bundle: null };

/** Reads the arguments after the program's own: paths, `--demo`, and switches of Chromium, which are left out. */
export function openingOf(words: readonly string[], folder: string): Opening {
  const paths = words.filter((word) => !word.startsWith('-')).map((word) => resolve(folder, word));
  const openings = paths.filter((path) => existsSync(path)).map(openingOfPath);
  return { ...nothingOpened, ...openings.at(-1), demo: words.includes('--demo') };
}

/** A scenario opens its workspace, which is the nearest folder above it that has an environment file, or its own folder. */
export function openingOfPath(path: string): Opening {
  if (statSync(path).isDirectory()) return { ...nothingOpened, workspace: path };
  switch (extname(path)) {
    case '.testops-run':
      return { ...nothingOpened, bundle: path };
    case '.scn':
      return { ...nothingOpened, workspace: workspaceAbove(dirname(path)) };
    case '.yaml':
      return { ...nothingOpened, workspace: dirname(path), environmentFile: path };
    default:
      return nothingOpened;
  }
}

function workspaceAbove(start: string): string {
  for (let folder = start; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, 'environment.yaml'))) return folder;
  }
  return start;
}

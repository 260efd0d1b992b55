/**
 * Which files of a workspace consoles see, and that nothing leads out of it: not `..`, not a link. Keys, logs, what
 * programs produce, and the repository's own files are not part of what is edited.
 */
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { WorkspaceFile } from '#shared/contract/workspace.ts';
import { ProblemError } from '#shared/problem.ts';

/** Folders that hold no texts of the team, wherever they stand; besides, everything whose name starts with a dot. */
const ignoredFolders = new Set(['node_modules', 'state', 'logs', 'run', 'data', 'keys']);
const secretExtensions = ['.seed', '.key', '.pem'];

/** Whether a path within the workspace (with `/`) is one that consoles see. */
export function isVisible(path: string): boolean {
  const parts = path.toLowerCase().split('/');
  const name = parts.pop() ?? '';
  if (parts.some(isIgnoredFolder)) return false;
  return name !== '' && !name.startsWith('.') && !secretExtensions.some((extension) => name.endsWith(extension));
}

/** Whether a folder is none of the team’s work: hidden, or full of what programs put there. */
export function isIgnoredFolder(name: string): boolean {
  return name.startsWith('.') || ignoredFolders.has(name.toLowerCase());
}

/** What a file is, by its name and folder. */
export function kindOf(path: string): WorkspaceFile['kind'] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  if (name.endsWith('.scn')) return 'scenario';
  if (/^environment[^/]*\.ya?ml$/.test(name)) return 'environment';
  if (/(^|\/)daemons$/.test(folder) && /\.ya?ml$/.test(name)) return 'daemon';
  if (/(^|\/)plugins$/.test(folder) && name.endsWith('.mjs')) return 'plugin';
  return 'other';
}

/** The workspace's folder as it is on the disk, links resolved. Rejects with a {@link ProblemError} when it is no folder. */
export async function workspaceRoot(folder: string): Promise<string> {
  try {
    // Where the core happens to be started is nothing that a console can mean.
    const root = isAbsolute(folder) ? await realpath(folder) : '';
    if (root !== '' && (await stat(root)).isDirectory()) return root;
  } catch {
    // Told below.
  }
  throw new ProblemError({
    code: 'no-workspace',
    message: `There is no folder ${folder}.`,
    tip: 'Open a folder that holds scenarios by its full path, or make one.',
  });
}

/** A place in a workspace, checked: `file` is where it is on the disk once all links are followed. */
export interface WorkspacePlace {
  readonly root: string;
  /** Within the workspace, with `/`, as it was asked for. */
  readonly path: string;
  readonly file: string;
}

/** Finds a place in a workspace, whether or not a file is there; refuses what is not the workspace's to show or to change. */
export async function placeIn(folder: string, path: string): Promise<WorkspacePlace> {
  const root = await workspaceRoot(folder);
  const wanted = path.split('/').filter((part) => part !== '' && part !== '.');
  if (wanted.length === 0 || wanted.includes('..') || path.includes('\\') || path.includes('\0')) throw outsideWorkspace(path);
  const file = await followed(join(root, ...wanted));
  const within = relative(root, file).split(sep);
  if (within[0] === '..' || within.join('/') === '' || relative(root, file).startsWith(`..${sep}`)) throw outsideWorkspace(path);
  // Both names count: a link may stand for a file that is hidden.
  if (!isVisible(wanted.join('/')) || !isVisible(within.join('/'))) throw hidden(path);
  return { root, path: wanted.join('/'), file };
}

/** The path with all links of its existing part followed. */
async function followed(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ENOENT') throw failure;
  }
  // A link that leads to nothing would be followed by whoever writes to it.
  if (await isLink(file)) throw outsideWorkspace(basename(file));
  const folder = dirname(file);
  return folder === file ? file : join(await followed(folder), basename(file));
}

async function isLink(file: string): Promise<boolean> {
  return lstat(file).then(
    (status) => status.isSymbolicLink(),
    () => false,
  );
}

/** What is said of a path that leads elsewhere. */
export function outsideWorkspace(path: string): ProblemError {
  return new ProblemError({
    code: 'outside-workspace',
    message: `${path} leads out of the workspace.`,
    tip: 'Name a file within the workspace, without .. and without links to other places.',
    file: path,
  });
}

function hidden(path: string): ProblemError {
  return new ProblemError({
    code: 'hidden-file',
    message: `${path} is not a file that a console shows or changes.`,
    tip: 'Keys, logs, run data and hidden files are left to other programs.',
    file: path,
  });
}

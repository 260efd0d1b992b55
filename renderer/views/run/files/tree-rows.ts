/** The workspace as rows of a tree: folders with scenarios first, what a filter leaves, what is folded away. Pure. */
import type { WorkspaceFile } from '#shared/contract/workspace.ts';

export interface TreeRow {
  readonly kind: 'folder' | 'file';
  /** Path within the workspace. */
  readonly path: string;
  readonly name: string;
  /** 1 for what stands in the workspace itself. */
  readonly level: number;
  /** Of folders. */
  readonly expanded: boolean;
  readonly file: WorkspaceFile | null;
}

interface Folder {
  readonly path: string;
  readonly folders: Map<string, Folder>;
  readonly files: WorkspaceFile[];
  scenarios: number;
}

/** Rows from top to bottom. With a filter every folder is open and only files whose path holds all its words are there. */
export function treeRows(files: readonly WorkspaceFile[], collapsed: ReadonlySet<string>, filter: string): TreeRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = words.length === 0 ? files : files.filter(({ path }) => words.every((word) => path.toLowerCase().includes(word)));
  const rows: TreeRow[] = [];
  addRows(rows, folderOf(wanted), 1, words.length > 0 ? new Set() : collapsed);
  return rows;
}

function folderOf(files: readonly WorkspaceFile[]): Folder {
  const root: Folder = { path: '', folders: new Map(), files: [], scenarios: 0 };
  for (const file of files) {
    let folder = root;
    for (const name of file.path.split('/').slice(0, -1)) {
      const path = folder.path === '' ? name : `${folder.path}/${name}`;
      const next: Folder = folder.folders.get(name) ?? { path, folders: new Map(), files: [], scenarios: 0 };
      folder.folders.set(name, next);
      folder = next;
      if (file.kind === 'scenario') folder.scenarios += 1;
    }
    folder.files.push(file);
  }
  return root;
}

/** Scenarios are what people come for: they and their folders stand above everything else. */
function addRows(rows: TreeRow[], folder: Folder, level: number, collapsed: ReadonlySet<string>): void {
  const folders = [...folder.folders].toSorted(
    ([left, one], [right, other]) => Number(other.scenarios > 0) - Number(one.scenarios > 0) || left.localeCompare(right),
  );
  const files = folder.files.toSorted(
    (left, right) => Number(right.kind === 'scenario') - Number(left.kind === 'scenario') || left.path.localeCompare(right.path),
  );
  const addFolders = (which: typeof folders): void => {
    for (const [name, child] of which) {
      const expanded = !collapsed.has(child.path);
      rows.push({ kind: 'folder', path: child.path, name, level, expanded, file: null });
      if (expanded) addRows(rows, child, level + 1, collapsed);
    }
  };
  addFolders(folders.filter(([, child]) => child.scenarios > 0));
  for (const file of files)
    rows.push({ kind: 'file', path: file.path, name: file.path.split('/').at(-1) ?? file.path, level, expanded: false, file });
  addFolders(folders.filter(([, child]) => child.scenarios === 0));
}

/** The row that a key leads to from `index`; null where it leads nowhere. */
export function nextRow(rows: readonly TreeRow[], index: number, key: string): number | null {
  const row = rows[index];
  switch (key) {
    case 'ArrowDown':
      return Math.min(rows.length - 1, index + 1);
    case 'ArrowUp':
      return Math.max(0, index - 1);
    case 'Home':
      return 0;
    case 'End':
      return rows.length - 1;
    case 'ArrowRight': {
      const child = rows[index + 1];
      return row?.kind === 'folder' && row.expanded && child && child.level > row.level ? index + 1 : null;
    }
    case 'ArrowLeft': {
      const parent = row ? rows.findLastIndex((each, place) => place < index && each.level < row.level) : -1;
      return parent >= 0 ? parent : null;
    }
    default:
      return null;
  }
}

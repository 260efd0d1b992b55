/** The tree of files: opened by a click or Enter, walked with the arrow keys, renamed with F2, removed with Delete. */
import { Menu } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconFileCode, IconFileText, IconPuzzle, IconServer, IconWorld } from '@tabler/icons-react';
import { useMemo, useState, type CSSProperties, type KeyboardEvent } from 'react';
import type { WorkspaceFile } from '#shared/contract/workspace.ts';
import { inertText } from '../../../components/inert-text.ts';
import { createOpenFiles, isDirty, useOpenFiles } from '../../../stores/open-files.ts';
import { useScenarioProblems } from '../../../stores/scenario-problems.ts';
import { useWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { createFileDialog } from './file-dialogs.tsx';
import { nextRow, treeRows, type TreeRow } from './tree-rows.ts';
import { useShallow } from 'zustand/react/shallow';
import { counted } from '#shared/wording/counts.ts';
import style from './files.module.css';
import { useStores } from '../../../stores/context.ts';

export function FileTree({ filter }: { readonly filter: string }) {
  const stores = useStores();
  const { openFile } = stores.get(createOpenFiles);
  const fileDialog = stores.get(createFileDialog);
  const saved = useWorkspaceFiles((state) => state.files);
  const unsaved = useOpenFiles(
    useShallow((state) => state.files.filter((file) => file.hash === null && !file.readOnly).map(({ path }) => path)),
  );
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string | null>(null);
  const rows = useMemo(() => treeRows(withUnsaved(saved, unsaved), collapsed, filter), [saved, unsaved, collapsed, filter]);
  const at = Math.max(
    0,
    rows.findIndex(({ path }) => path === current),
  );
  const toggle = (path: string): void =>
    setCollapsed((before) => new Set(before.has(path) ? [...before].filter((each) => each !== path) : [...before, path]));
  const act = (row: TreeRow): void => (row.kind === 'folder' ? toggle(row.path) : void openFile(row.path));
  const keys = (event: KeyboardEvent<HTMLElement>): void => {
    const row = rows[at];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') act(row);
    else if (event.key === 'F2' && row.path.endsWith('.scn')) fileDialog.setState({ dialog: { kind: 'rename', path: row.path } });
    else if (event.key === 'Delete' && row.kind === 'file') fileDialog.setState({ dialog: { kind: 'delete', path: row.path } });
    else if (row.kind === 'folder' && ((event.key === 'ArrowLeft' && row.expanded) || (event.key === 'ArrowRight' && !row.expanded)))
      toggle(row.path);
    else {
      const next = nextRow(rows, at, event.key);
      if (next === null) return;
      focusRow(event.currentTarget, rows[next], setCurrent);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  if (rows.length === 0) return <p className={style['hint']}>No file has this in its name.</p>;
  return (
    <div role="tree" aria-label="Files of the workspace" className={style['list']} onKeyDown={keys}>
      {rows.map((row, index) => (
        <Row key={row.path} row={row} current={index === at} select={() => setCurrent(row.path)} act={() => act(row)} />
      ))}
    </div>
  );
}

function focusRow(tree: HTMLElement, row: TreeRow | undefined, setCurrent: (path: string) => void): void {
  if (!row) return;
  setCurrent(row.path);
  requestAnimationFrame(() => tree.querySelector<HTMLElement>(`[data-path="${CSS.escape(row.path)}"]`)?.focus());
}

/** New scenarios stand in the tree before they are saved. */
function withUnsaved(files: readonly WorkspaceFile[], unsaved: readonly string[]): readonly WorkspaceFile[] {
  const known = new Set(files.map(({ path }) => path));
  const fresh = unsaved.filter((path) => !known.has(path)).map((path): WorkspaceFile => ({ path, kind: 'scenario', size: 0, modified: 0 }));
  return [...files, ...fresh];
}

interface RowProps {
  readonly row: TreeRow;
  readonly current: boolean;
  readonly select: () => void;
  readonly act: () => void;
}

function Row({ row, current, select, act }: RowProps) {
  const shown = useOpenFiles((state) => state.active === row.path);
  const dirty = useOpenFiles((state) => state.files.some((file) => file.path === row.path && isDirty(file)));
  const [menu, setMenu] = useState(false);
  const name = inertText(row.name);
  return (
    <Menu
      opened={menu}
      onChange={setMenu}
      position="bottom-start"
      withinPortal
      shadow="md"
      trigger="click-hover"
      openDelay={1e9}
      disabled={row.kind === 'folder'}
    >
      <Menu.Target>
        <div
          role="treeitem"
          data-row
          data-path={row.path}
          className={style['item']}
          aria-level={row.level}
          aria-selected={shown}
          {...(row.kind === 'folder' ? { 'aria-expanded': row.expanded } : {})}
          tabIndex={current ? 0 : -1}
          style={{ '--depth': row.level - 1 } as CSSProperties}
          title={inertText(row.path)}
          onFocus={select}
          onClick={() => {
            select();
            act();
          }}
          onContextMenu={(event) => {
            event.preventDefault();
            select();
            setMenu(row.kind === 'file');
          }}
        >
          <RowIcon row={row} />
          <span className="clipped">{row.kind === 'file' ? name.replace(/\.scn$/, '') : name}</span>
          {dirty ? (
            <span className={style['dirty']} aria-label="unsaved changes" role="img">
              ●
            </span>
          ) : null}
          <ProblemBadge path={row.path} />
        </div>
      </Menu.Target>
      {menu ? <RowMenu path={row.path} open={act} /> : null}
    </Menu>
  );
}

function RowMenu({ path, open }: { readonly path: string; readonly open: () => void }) {
  const fileDialog = useStores().get(createFileDialog);
  return (
    <Menu.Dropdown>
      <Menu.Item onClick={open}>Open</Menu.Item>
      <Menu.Item disabled={!path.endsWith('.scn')} onClick={() => fileDialog.setState({ dialog: { kind: 'rename', path } })}>
        Rename…
      </Menu.Item>
      <Menu.Item color="red" onClick={() => fileDialog.setState({ dialog: { kind: 'delete', path } })}>
        Delete…
      </Menu.Item>
    </Menu.Dropdown>
  );
}

function RowIcon({ row }: { readonly row: TreeRow }) {
  const look = { size: 14, stroke: 1.5, 'aria-hidden': true, className: style['icon'] } as const;
  if (row.kind === 'folder') return row.expanded ? <IconChevronDown {...look} /> : <IconChevronRight {...look} />;
  switch (row.file?.kind) {
    case 'scenario':
      return <IconFileCode {...look} />;
    case 'environment':
      return <IconWorld {...look} />;
    case 'daemon':
      return <IconServer {...look} />;
    case 'plugin':
      return <IconPuzzle {...look} />;
    case 'other':
    case undefined:
      return <IconFileText {...look} />;
  }
}

/** How many problems a scenario has; errors before warnings. */
function ProblemBadge({ path }: { readonly path: string }) {
  const count = useScenarioProblems((state) => state.counts.get(path));
  if (!count || count.errors + count.warnings === 0) return null;
  const what = count.errors > 0 ? counted(count.errors, 'error') : counted(count.warnings, 'warning');
  return (
    <span className={style['problems']} data-tone={count.errors > 0 ? 'fail' : 'warn'} title={what} aria-label={what} role="img">
      {count.errors > 0 ? count.errors : count.warnings}
    </span>
  );
}

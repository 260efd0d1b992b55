/** What consoles ask about workspaces: their files, changes by others, drafts, and layouts. */
import type { MethodTable, StreamTable } from '../contract/method-tables.ts';
import type { Clock } from '#platform/clock.ts';
import type { ConsoleHome } from './home.ts';
import type { WorkspaceTrust } from './trust.ts';
import { listWorkspace, readWorkspaceFile, WorkspaceWriter } from './files.ts';
import { workspaceRoot } from './paths.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { OwnWrites, stampOf, watchWorkspace } from './watch.ts';

type Methods = MethodTable<
  | 'workspace.open'
  | 'workspace.recent'
  | 'workspace.trust'
  | 'workspace.trusted'
  | 'workspace.files'
  | 'file.read'
  | 'file.write'
  | 'file.rename'
  | 'file.delete'
  | 'drafts.save'
  | 'drafts.list'
  | 'drafts.discard'
  | 'layout.load'
  | 'layout.save'
>;

export function workspaceService(
  home: ConsoleHome,
  clock: Clock,
  trust: WorkspaceTrust,
  /** What a folder is, seen as a workspace. */
  lookAt: (folder: string) => Promise<MethodResponse<'workspace.open'>>,
): { readonly methods: Methods; readonly streams: StreamTable<'workspace.changes'> } {
  const writer = new WorkspaceWriter();
  const writes = new OwnWrites();
  const note = async (folder: string, path: string, console: string, left: { size: number; modified: number } | null): Promise<void> => {
    writes.note(await workspaceRoot(folder), path, console, left && stampOf(left));
  };
  const methods: Methods = {
    'workspace.open': async ({ folder }) => {
      const workspace = await lookAt(folder);
      await home.remember(workspace.folder);
      return workspace;
    },
    'workspace.recent': async () => ({ folders: await home.recent() }),
    'workspace.trust': async ({ folder, trusted }) => ({ folders: trusted ? [await trust.grant(folder)] : await trust.takeBack(folder) }),
    'workspace.trusted': async () => ({ folders: await trust.folders() }),
    'workspace.files': async ({ folder }) => ({ files: [...(await listWorkspace(folder)).files] }),
    'file.read': ({ folder, path }) => readWorkspaceFile(folder, path),
    'file.write': async ({ folder, path, text, expectedHash }, { console }) => {
      const written = await writer.write(folder, path, text, expectedHash);
      await note(folder, path, console, { size: Buffer.byteLength(text), modified: written.modified });
      return written;
    },
    'file.rename': async ({ folder, path, to }, { console }) => {
      await writer.rename(folder, path, to);
      const { text, modified } = await readWorkspaceFile(folder, to);
      await note(folder, path, console, null);
      await note(folder, to, console, { size: Buffer.byteLength(text), modified });
      return {};
    },
    'file.delete': async ({ folder, path, expectedHash }, { console }) => {
      await writer.remove(folder, path, expectedHash);
      await note(folder, path, console, null);
      return {};
    },
    'drafts.save': async ({ folder, draft }) => (await home.saveDraft(folder, draft), {}),
    'drafts.list': async ({ folder }) => ({ drafts: await home.drafts(folder) }),
    'drafts.discard': async ({ folder, path }) => (await home.discardDraft(folder, path), {}),
    'layout.load': async ({ folder }) => ({ layout: await home.layout(folder) }),
    'layout.save': async ({ folder, layout }) => (await home.saveLayout(folder, layout), {}),
  };
  return {
    methods,
    streams: {
      'workspace.changes': ({ folder }, listener, { console }) => watchWorkspace(folder, listener, { clock, writes, console }),
    },
  };
}

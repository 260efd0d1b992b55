/** Reads files of the workspace for the stores of the editor. */
import { createSession } from './session.ts';
import type { Stores } from './stores.ts';

export interface FileText {
  readonly text: string;
  readonly hash: string;
}

/** What a file of the workspace is now; null where it is gone, cannot be read, or another workspace is open meanwhile. */
export async function readTheirs(stores: Stores, path: string): Promise<FileText | null> {
  const { currentCore, currentFolder } = stores.get(createSession);
  const core = currentCore();
  const folder = currentFolder();
  if (!core || folder === null) return null;
  try {
    const { text, hash } = await core.request('file.read', { folder, path });
    return folder === currentFolder() ? { text, hash } : null;
  } catch {
    return null;
  }
}

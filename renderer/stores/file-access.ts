/** Reads files of the workspace for the stores of the editor. */
import { currentCore, useSession } from './session.ts';

export interface FileText {
  readonly text: string;
  readonly hash: string;
}

/** What a file of the workspace is now; null where it is gone or cannot be read. */
export async function readTheirs(path: string): Promise<FileText | null> {
  const core = currentCore();
  const folder = useSession.getState().workspace?.folder;
  if (!core || folder === undefined) return null;
  try {
    const { text, hash } = await core.request('file.read', { folder, path });
    return { text, hash };
  } catch {
    return null;
  }
}

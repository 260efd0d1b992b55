/** A demo's workspace as it came: what would be set aside, and setting it aside. Nothing is deleted. */
import { claimPlace, firstPlace, ownFolder, setAside } from './demo-place.ts';
import { changesIn, recordFile } from './shipped-files.ts';
import { readTemplate } from './template-workspace.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { Immutable } from '#shared/immutable.ts';

export interface DemoWorkspaceChoice {
  /** Folder of the template. */
  readonly source: string;
  /** The console's home. */
  readonly home: string;
  /** The workspace that is meant, where a demo runs; unless given, the first. */
  readonly folder?: string | undefined;
}

/** Which workspace is meant, and what the user made of it. */
export async function lookAtDemoWorkspace(choice: DemoWorkspaceChoice): Promise<Immutable<MethodResponse<'demo.workspace'>>> {
  const folder = await folderOf(choice);
  return { folder, changes: await changesIn(folder, ownFolder(folder)) };
}

/** Sets the workspace aside; the next start lays it down anew. `aside` is null when there was none. */
export async function resetDemoWorkspace(choice: DemoWorkspaceChoice, now: Date): Promise<MethodResponse<'demo.reset'>> {
  const folder = await folderOf(choice);
  const { folder: name } = await readTemplate(choice.source);
  const place = await claimPlace({ home: choice.home, name, only: folder });
  try {
    return { folder, aside: await setAside(place, now, recordFile) };
  } finally {
    await place.release();
  }
}

async function folderOf({ source, home, folder }: DemoWorkspaceChoice): Promise<string> {
  return folder ?? firstPlace(home, (await readTemplate(source)).folder);
}

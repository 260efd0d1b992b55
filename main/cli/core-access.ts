/** Opens the core in this process and hands out the console's side of the contract: the command line uses the same door as every other console. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Core } from '#shared/contract/contract.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/server/in-process.ts';

/** Where runs are archived unless the command line or TESTOPS_ARCHIVE says otherwise. */
export function archiveFolder(option: string | undefined): string {
  return option ?? process.env['TESTOPS_ARCHIVE'] ?? join(homedir(), '.testops', 'archive');
}

export interface CoreAccess {
  readonly core: Core;
  dispose(): Promise<void>;
}

export async function openCoreAccess(archive: string | undefined): Promise<CoreAccess> {
  const core = await openCore({ archiveFolder: archiveFolder(archive) });
  const console = connectInProcess(core);
  return {
    core: console,
    dispose: async () => {
      await console.dispose();
      await core.dispose();
    },
  };
}

/** A core with screens' services in folders of its own, and consoles connected to it through the contract's messages. */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import type { Core, Stream, StreamItem, StreamRequest } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import { trustFolder } from '../../trusted-folder.ts';

export interface Opened {
  /** Folder of everything of this test. */
  readonly folder: string;
  readonly workspace: string;
  readonly core: OpenCore;
  readonly console: Core;
  readonly owned: Ownership;
  /** One more console on the same core. */
  connect(operator?: string): ReturnType<typeof connectInProcess>;
}

export async function openConsole(more: Partial<Parameters<typeof openCore>[0]> = {}): Promise<Opened> {
  const owned = new Ownership();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'console-')));
  owned.own(() => rm(folder, { recursive: true, force: true }));
  const workspace = join(folder, 'workspace');
  await mkdir(workspace);
  await trustFolder(folder, more.home ?? join(folder, 'home'));
  const core = await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home'), operator: 'alice', ...more });
  owned.own(core);
  const connect = (operator?: string): ReturnType<typeof connectInProcess> => {
    const connected = connectInProcess(operator === undefined ? core : core.forOperator(operator));
    owned.own(connected);
    return connected;
  };
  return { folder, workspace, core, console: connect(), owned, connect };
}

/** Listens to a stream and keeps what it told. */
export function collect<S extends Stream>(
  core: Core,
  stream: S,
  request: StreamRequest<S>,
): { readonly items: StreamItem<S>[]; readonly ended: Promise<void>; close(): void } {
  const items: StreamItem<S>[] = [];
  const listening = core.listen(stream, request, (item) => void items.push(item));
  return { items, ended: listening.ended, close: () => listening.close() };
}

/** The core as a process: consoles are served, its death is survived, nothing stays behind. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CoreSupervisor } from '#main/core-process/core-supervisor.ts';
import { portOver } from '#main/core-process/text-channel.ts';
import { connectContract } from '#shared/contract/transport/connect.ts';
import { Ownership } from '#shared/disposable.ts';
import type { Problem } from '#shared/problem.ts';

const root = join(import.meta.dirname, '..', '..', '..');
let owned: Ownership;
let folder: string;
let problems: Problem[];
beforeEach(async () => {
  owned = new Ownership();
  problems = [];
  folder = await mkdtemp(join(tmpdir(), 'testops-core-process-'));
  owned.own(() => rm(folder, { recursive: true, force: true }));
});
afterEach(() => owned.dispose());

async function start(archiveFolder = join(folder, 'archive')): Promise<CoreSupervisor> {
  const programs = {
    command: process.execPath,
    arguments: ['--disable-warning=ExperimentalWarning', join(root, 'main', 'cli', 'testops.ts')],
  };
  const settings = { archiveFolder, programs, resources: join(root, 'resources'), purpose: 'console' };
  return owned.own(await CoreSupervisor.start({ settings, onProblem: (problem) => problems.push(problem) }));
}

function connect(supervisor: CoreSupervisor) {
  return owned.own(connectContract(portOver(supervisor.open({ operator: 'alice' }))));
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('several consoles are served, each by itself', async () => {
  const supervisor = await start();
  const [first, second] = [connect(supervisor), connect(supervisor)];
  expect(await Promise.all([first.request('runs.list', {}), second.request('runs.list', {})])).toEqual([{ runs: [] }, { runs: [] }]);
  await first.dispose();
  expect(await second.request('runs.list', {})).toEqual({ runs: [] });
});

test('a killed core: consoles are told, another core answers them, and the death is said', async () => {
  const supervisor = await start();
  const console = connect(supervisor);
  const killed = supervisor.processId ?? 0;
  const lost = vi.fn();
  owned.own(supervisor.open({ operator: null }).onClose(lost));
  const asked = console.request('runs.list', {}).then(() => console.listen('runs.changes', {}, () => undefined).ended);
  asked.catch(() => undefined);
  process.kill(killed, 'SIGKILL');
  await vi.waitFor(() => expect(lost).toHaveBeenCalledExactlyOnceWith('was ended by SIGKILL'));
  await expect(asked).rejects.toMatchObject({ problem: { code: expect.any(String) as string } });
  await vi.waitFor(() => expect(supervisor.processId ?? killed).not.toBe(killed));
  expect(await connect(supervisor).request('runs.list', {})).toEqual({ runs: [] });
  expect(problems).toMatchObject([{ code: 'core-died', message: "The core's process was ended by SIGKILL; it is started again." }]);
});

test('disposing ends the process', async () => {
  const supervisor = await start();
  const pid = supervisor.processId ?? 0;
  expect(alive(pid)).toBe(true);
  await supervisor.dispose();
  expect(alive(pid)).toBe(false);
  expect(problems).toEqual([]);
});

test('a core that cannot be opened is told with its own problem, not tried again', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(start(file)).rejects.toMatchObject({ problem: { severity: 'error' } });
});

test('between two lives a console is turned away at once and may come again', async () => {
  const supervisor = await start();
  await supervisor.dispose();
  const closed = vi.fn();
  supervisor.open({ operator: null }).onClose(closed);
  await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
});

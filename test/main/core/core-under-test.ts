/** Cores over environments without a network, in a folder that each test has for itself. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { FakeLink, daemon, environment as environmentName } from './engine/fakes.ts';
import { resolveForTests } from './engine/harness.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import type { EnvironmentSource } from '#main/core/environments/access.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import type { Core } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import { type RunId } from '#shared/identifiers.ts';
import type { RunRecord } from '#shared/run/records.ts';

export let folder: string;
export let owned = new Ownership();
export let link: FakeLink;
export let opened: { opens: number; closes: number };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'core-'));
  link = new FakeLink();
  opened = { opens: 0, closes: 0 };
});
afterEach(async () => {
  await owned.dispose();
  owned = new Ownership();
  await rm(folder, { recursive: true });
});

export const action = (name: string) => ({ name, parameters: [], hazard: 'none', source: 'action', daemons: [daemon] }) as const;

/** An environment without network: the fake link's daemon does everything. */
export function fakeEnvironments(
  release: { kind: 'value'; value: string } | { kind: 'command'; words: string[] } | null = null,
): EnvironmentSource {
  const description = {
    name: environmentName,
    router: 'nats://127.0.0.1:1',
    operator: 'alice',
    folder,
    scenarioFolder: null,
    expected: [daemon],
    limits: [],
    release,
  };
  const plugins = {
    commands: [],
    problems: [],
    dispose: () => undefined,
    execute: () => {
      throw new Error('no plugins here');
    },
  };
  return {
    describe: async () => description,
    offlineCatalogue: async () => null,
    open: async () => {
      opened.opens++;
      return {
        description,
        link,
        plugins,
        catalogue: () => ({ commands: ['start_load', 'stop_load', 'restore'].map(action), components: [] }),
        resolve: resolveForTests,
        drift: async () => null,
        pin: async () => join(folder, 'environment.pin.json'),
        dispose: () => void opened.closes++,
      };
    },
  };
}

export async function open(
  environments = fakeEnvironments(),
  more: Partial<Parameters<typeof openCore>[0]> = {},
): Promise<{ core: OpenCore; console: Core }> {
  const core = await openCore({ archiveFolder: join(folder, 'archive'), operator: 'alice', environments, ...more });
  owned.own(core);
  const console = connectInProcess(core);
  owned.own(console);
  return { core, console };
}

export async function scenario(text: string, name = 'failover'): Promise<string> {
  const file = join(folder, `${name}.scn`);
  await writeFile(file, text);
  return file;
}

export async function recordsOf(console: Core, run: RunId, from = 1): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  await console.listen('run.records', { run, from }, (batch) => void records.push(...batch)).ended;
  return records;
}

export const dry = { policy: 'abort', dryRun: true, attended: false } as const;

/** A command from the console through core, router and daemon to an executed `true`, and back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import { quantile, type Figure } from './figures.ts';
import { openNetwork } from '../network-of-processes.ts';

const rounds = 1_000;

export async function benchCommands(): Promise<readonly Figure[]> {
  const network = await openNetwork({ daemon: { actions: { nothing: { command: ['/bin/true'], timeout: '5s', result: 'exit status' } } } });
  const archive = await mkdtemp(join(tmpdir(), 'testops-bench-archive-'));
  try {
    await network.startDaemon();
    const core = await openCore({ archiveFolder: archive });
    const console = connectInProcess(core);
    const times: number[] = [];
    for (let round = -50; round < rounds; round++) {
      const began = performance.now();
      const { outcome } = await console.request('command.execute', { environmentFile: network.environmentFile, words: ['nothing'] });
      if (!outcome.success) throw new Error(outcome.message ?? outcome.status);
      if (round >= 0) times.push(performance.now() - began);
    }
    await console.dispose();
    await core.dispose();
    return [
      {
        figure: `command round trip, console to executed true and back, p50 of ${rounds}`,
        ours: quantile(times, 0.5),
        unit: 'ms',
        target: '<= 8',
      },
      { figure: '— p99', ours: quantile(times, 0.99), unit: 'ms', target: '<= 25' },
    ];
  } finally {
    await network.dispose();
    await rm(archive, { recursive: true, force: true });
  }
}

if (import.meta.main) console.table(await benchCommands());

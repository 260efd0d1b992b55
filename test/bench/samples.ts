/** Samples end to end: daemon (encode, spool) → router → core (link, engine) → archived. Nothing may be lost. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import type { Figure } from './figures.ts';
import { openNetwork, residentBytes } from '../network-of-processes.ts';

const perFrame = 1_000;
const series = 5_000;

interface Listed {
  readonly outcome: string;
  readonly duration: number;
  readonly totals: { readonly samples: number; readonly gapsLost: number };
}

/** Runs `wait SECONDS` as a user would, with the command line's core, while a daemon sends; measures that process. */
export async function benchSamples(seconds = 60, framesPerSecond = 550): Promise<readonly Figure[]> {
  const network = await openNetwork({ daemon: {} });
  const archive = await mkdtemp(join(tmpdir(), 'testops-bench-archive-'));
  try {
    await network.start(
      'test/bench/sample-source.ts',
      [network.daemonFile, String(series), String(framesPerSecond), String(perFrame)],
      'ready',
    );
    const scenario = join(network.folder, 'measure.scn');
    await writeFile(scenario, `wait ${seconds}s\n`);
    const command = join(import.meta.dirname, '..', '..', 'main', 'cli', 'testops.ts');
    const environment = { ...process.env, TESTOPS_ARCHIVE: archive };
    const run = spawn(process.execPath, [command, 'run', scenario, '-e', network.environmentFile], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    let peak = 0;
    const watch = setInterval(() => {
      void residentBytes(run.pid ?? 0)
        .then((bytes) => (peak = Math.max(peak, bytes || 0)))
        .catch(() => undefined);
    }, 100);
    await once(run, 'exit');
    clearInterval(watch);
    const list = spawn(process.execPath, [command, 'runs', 'list', '--json'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    list.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(list, 'close');
    const listed = JSON.parse(text) as Listed;
    const rate = listed.totals.samples / (listed.duration / 1_000);
    return [
      { figure: `samples end to end, ${seconds} s, ${series} series: archived`, ours: rate, unit: 'samples/s', target: '>= 500000' },
      { figure: '— records lost', ours: listed.totals.gapsLost, unit: '', target: '<= 0' },
      { figure: '— memory of the core, peak (sealing included)', ours: peak / 1e6, unit: 'MB', target: '< 600' },
    ];
  } finally {
    await network.dispose();
    await rm(archive, { recursive: true, force: true });
  }
}

if (import.meta.main) console.table(await benchSamples(Number(process.argv[2] ?? 60), Number(process.argv[3] ?? 550)));

/** What a daemon costs its host: 200 metrics at 1 Hz from an exporter, and 5,000 log lines per second through ten rules. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Figure } from './figures.ts';
import { launch, openNetwork, processorTime, residentBytes, saying } from '../network-of-processes.ts';
import { freePort } from '#platform/free-port.ts';

const root = join(import.meta.dirname, '..', '..');
const linesPerSecond = 5_000;
const seconds = 20;

const rules = [
  { match: 'STATE (?P<state>[A-Z]+)', state: '{state}' },
  { match: 'latency=(?P<us>\\d+)us', metric: { name: 'latency', value: '{us}', unit: 'ms', scale: 0.001 } },
  { match: 'ERROR (?P<what>.*)', event: { name: 'error', severity: 'error', text: '{what}' } },
  ...Array.from({ length: 7 }, (_, index) => ({
    match: `RULE${index} value=(?P<value>\\d+)`,
    metric: { name: `rule_${index}`, value: '{value}' },
  })),
];

/** One line in ten says something that a rule wants, one in a thousand is an error. */
function line(number: number): string {
  const time = new Date().toISOString();
  if (number % 1_000 === 0) return `${time} ERROR order ${number} was rejected by the risk check\n`;
  if (number % 10 === 0) return `${time} INFO  order ${number} done latency=${100 + (number % 900)}us\n`;
  return `${time} INFO  order ${number} accepted from session ${number % 40} for account A${number % 977} in instrument ALPHA\n`;
}

/** The forms in which a daemon is put on a host, built by the project's own tools. */
function builtForms(): readonly { readonly name: string; readonly words: readonly string[] }[] {
  const build = (tool: string): Buffer => execFileSync(process.execPath, [join(root, 'tools', tool)], { cwd: root, stdio: 'pipe' });
  build('build.mjs');
  build('build-daemon.mjs');
  return [
    { name: 'testops daemon', words: [join(root, 'dist', 'cli', 'testops.mjs'), 'daemon'] },
    { name: 'testops-daemon.mjs', words: [join(root, 'dist', 'daemon', 'testops-daemon.mjs')] },
  ];
}

export async function benchDaemon(): Promise<readonly Figure[]> {
  const exporter = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    const metric = (index: number): string => `# TYPE bench_metric_${index} gauge\nbench_metric_${index} ${Math.random()}\n`;
    response.end(Array.from({ length: 200 }, (_each, index) => metric(index)).join(''));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => {
    exporter.listen(port, '127.0.0.1', resolve);
  });
  try {
    const figures: Figure[] = [];
    for (const { name, words } of builtForms()) figures.push(...(await measure(name, words, port)));
    return figures;
  } finally {
    exporter.close();
  }
}

async function measure(name: string, words: readonly string[], exporterPort: number): Promise<readonly Figure[]> {
  const logs = await mkdtemp(join(tmpdir(), 'testops-bench-logs-'));
  const file = join(logs, 'exchange.log');
  await writeFile(file, '');
  const network = await openNetwork({
    daemon: {
      components: { Engine: { find: { pidFile: join(logs, 'none.pid') }, logs: [{ files: [file], from: 'start', rules }] } },
      scrape: [{ component: 'Engine', url: `http://127.0.0.1:${exporterPort}/metrics`, interval: '1s', timeout: '500ms' }],
    },
  });
  const daemon = launch(process.execPath, [...words, '--config', network.daemonFile], network.folder);
  try {
    await saying(daemon, 'connected');
    const next = { number: 0 };
    await writeLines(file, 3_000, next);
    const before = await processorTime(daemon.pid);
    const elapsed = await writeLines(file, seconds * 1_000, next);
    const share = ((await processorTime(daemon.pid)) - before) / elapsed;
    return [
      {
        figure: `daemon (${name}): 200 metrics at 1 Hz and 5,000 log lines/s, processor`,
        ours: share * 100,
        unit: '% of a core',
        target: '< 25',
      },
      { figure: `— memory (${name})`, ours: (await residentBytes(daemon.pid)) / 1e6, unit: 'MB', target: '< 100' },
    ];
  } finally {
    await daemon.kill('SIGTERM');
    await network.dispose();
    await rm(logs, { recursive: true, force: true });
  }
}

/** Writes for some ms at the rate, 20 times a second; resolves to the ms that it took. */
async function writeLines(file: string, duration: number, next: { number: number }): Promise<number> {
  const began = performance.now();
  for (let tick = 0; tick * 50 < duration; tick++) {
    let text = '';
    for (let each = 0; each < linesPerSecond / 20; each++) text += line(next.number++);
    await appendFile(file, text);
    const due = began + (tick + 1) * 50 - performance.now();
    if (due > 0) await pause(due);
  }
  return performance.now() - began;
}

if (import.meta.main) console.table(await benchDaemon());

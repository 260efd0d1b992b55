/** What a daemon costs its host: 200 metrics at 1 Hz from an exporter, and 5,000 log lines per second through ten rules. */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figures.ts';
import { freePort, openBenchNetwork, processorTime, residentBytes } from './network-of-processes.ts';

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

export async function benchDaemon(): Promise<readonly Figure[]> {
  const port = await freePort();
  const exporter = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(
      Array.from({ length: 200 }, (_each, index) => `# TYPE bench_metric_${index} gauge\nbench_metric_${index} ${Math.random()}`).join(
        '\n',
      ) + '\n',
    );
  });
  await new Promise<void>((resolve) => {
    exporter.listen(port, '127.0.0.1', resolve);
  });
  const logs = await mkdtemp(join(tmpdir(), 'testops-bench-logs-'));
  const file = join(logs, 'exchange.log');
  await writeFile(file, '');
  const network = await openBenchNetwork({
    components: { Engine: { find: { pidFile: join(logs, 'none.pid') }, logs: [{ files: [file], from: 'start', rules }] } },
    scrape: [{ component: 'Engine', url: `http://127.0.0.1:${port}/metrics`, interval: '1s', timeout: '500ms' }],
  });
  try {
    const daemon = await network.start('main/cli/testops.ts', ['daemon', '--config', network.daemonFile], 'connected');
    const pid = daemon.pid ?? 0;
    let number = 0;
    const write = async (duration: number) => {
      const began = performance.now();
      for (let tick = 0; tick * 50 < duration; tick++) {
        let text = '';
        for (let each = 0; each < linesPerSecond / 20; each++) text += line(number++);
        await appendFile(file, text);
        const next = began + (tick + 1) * 50 - performance.now();
        if (next > 0) await new Promise((resolve) => setTimeout(resolve, next));
      }
      return performance.now() - began;
    };
    await write(3_000);
    const before = await processorTime(pid);
    const elapsed = await write(seconds * 1_000);
    const share = ((await processorTime(pid)) - before) / elapsed;
    const memory = await residentBytes(pid);
    return [
      { figure: 'daemon: 200 metrics at 1 Hz and 5,000 log lines/s, processor', ours: share * 100, unit: '% of a core', target: '< 25' },
      { figure: '— memory', ours: memory / 1e6, unit: 'MB', target: '< 100' },
    ];
  } finally {
    await network.dispose();
    exporter.close();
    await rm(logs, { recursive: true, force: true });
  }
}

if (import.meta.main) console.table(await benchDaemon());

/** From a configuration file to what is reported: a process, its log, its exporter and the machine, together. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backgroundClock } from '#platform/clock.ts';
import { loadDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { startObservation, type Observation } from '#network/daemon/observation.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import { formatProblem } from '#shared/problem.ts';
import { RecordedReports, until } from './recorded-reports.ts';

const engine = 'Engine' as ComponentName;
let folder: string;
let observation: Observation | undefined;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-observation-'));
});
afterEach(async () => {
  await observation?.dispose();
  observation = undefined;
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Writes its pid file and its log, and answers as an exporter. */
const program = `
const { appendFileSync, writeFileSync } = require('node:fs');
writeFileSync('engine.pid', String(process.pid));
const log = (line) => appendFileSync('engine.log', line + '\\n');
const server = require('node:http').createServer((_, response) => response.end('orders_total 3\\n'));
server.listen(0, '127.0.0.1', () => {
  log('STATE READY');
  let count = 0;
  setInterval(() => log('latency=' + (++count) + 'us'), 20);
  console.log(server.address().port);
});
`;

async function startEngine(): Promise<number> {
  const started = spawn(process.execPath, ['-e', program], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  child = started;
  return Number(await new Promise<Buffer>((resolve) => started.stdout.once('data', resolve)));
}

async function observe(port: number): Promise<RecordedReports> {
  const text = `daemon: MEP
environment: demo
router: nats://127.0.0.1:4222
host: { component: System, interval: 200ms }
components:
  Engine:
    find: { pidFile: engine.pid }
    interval: 100ms
    logs:
      - files: [engine.log]
        from: start
        rules:
          - { match: 'STATE (?P<state>\\w+)', state: '{state}' }
          - { match: 'latency=(?P<us>\\d+)us', metric: { name: latency, value: '{us}', unit: ms, scale: 0.001 } }
scrape:
  - { component: Exporter, url: 'http://127.0.0.1:${port}/metrics', interval: 200ms, timeout: 200ms }
`;
  await writeFile(join(folder, 'daemon.yaml'), text);
  const { configuration, problems } = await loadDaemonConfiguration(join(folder, 'daemon.yaml'));
  expect(problems.map(formatProblem)).toEqual([]);
  const reports = new RecordedReports();
  observation = await startObservation(configuration!, reports, backgroundClock);
  return reports;
}

describe('observation', () => {
  test('tells states, metrics and the crash of a process, its log, its exporter and the machine', async () => {
    const reports = await observe(await startEngine());
    expect(observation!.control.view(engine)).toMatchObject({ pid: child!.pid });
    await until('READY', () => observation!.control.view(engine)?.state === 'READY');
    await until('values of all', () =>
      [
        reports.values('Engine', 'rss'),
        reports.values('Engine', 'latency'),
        reports.values('Exporter', 'orders_total'),
        reports.values('System', 'cpu'),
      ].every((values) => values.length > 2),
    );
    expect(reports.values('Engine', 'latency').slice(0, 3)).toEqual([0.001, 0.002, 0.003]);
    child!.kill('SIGKILL');
    await until('the crash', () => observation!.control.view(engine)?.state === 'CRASHED');
    await until('the exporter is down', () => reports.values('Exporter', 'up').at(-1) === 0);
    expect(reports.states('Engine')).toEqual(['RUNNING', 'READY', 'CRASHED']);
    await until('no latency', () => Number.isNaN(reports.values('Engine', 'latency').at(-1)));
    await startEngine();
    await until('READY again', () => observation!.control.view(engine)?.state === 'READY');
    expect(reports.of('component-started').map(({ pid }) => pid)).toEqual([child!.pid]);
  });

  test('ends without a trace, and goes on where it was', async () => {
    const port = await startEngine();
    const first = await observe(port);
    await until('values', () => first.values('Engine', 'latency').length > 5);
    await observation!.dispose();
    const told = first.frames.length + first.events.length;
    const descriptors = process.platform === 'linux' ? await readdir('/proc/self/fd') : [];
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(first.frames.length + first.events.length).toBe(told);
    const second = await observe(port);
    await until('values', () => second.values('Engine', 'latency').length > 5);
    await observation!.dispose();
    const microseconds = [...first.values('Engine', 'latency'), ...second.values('Engine', 'latency')].map((value) =>
      Math.round(value * 1_000),
    );
    expect(microseconds).toEqual(microseconds.map((_, index) => index + 1));
    expect(second.states('Engine')).toEqual(['READY']);
    if (process.platform === 'linux') expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(descriptors.length + 1);
  });
});

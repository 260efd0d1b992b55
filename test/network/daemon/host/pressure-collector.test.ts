/** Pressure: recorded texts of /proc/pressure, turned into shares, and the real ones of this machine. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { backgroundClock } from '#platform/clock.ts';
import { parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { parsePressure, PressureCollector, type PressureReader } from '#network/daemon/host/pressure-collector.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import { HandClock } from '../hand-clock.ts';
import { RecordedReports, until } from '../recorded-reports.ts';

/** As Linux 6.18 told it under load, and two seconds later. */
const recorded = {
  cpu: `some avg10=66.27 avg60=52.21 avg300=67.57 total=2725356275
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
`,
  memory: `some avg10=0.00 avg60=0.00 avg300=0.00 total=0
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
`,
  io: `some avg10=1.35 avg60=1.15 avg300=1.87 total=116989671
full avg10=0.01 avg60=0.11 avg300=0.10 total=4872993
`,
};
const later = {
  ...recorded,
  cpu: recorded.cpu.replace('total=2725356275', 'total=2726356275'),
  io: recorded.io.replace('total=116989671', 'total=116999671'),
};
/** Before Linux 5.13 there was no `full` of the processor. */
const older = { ...recorded, cpu: recorded.cpu.split('\n')[0] ?? '' };

type Texts = Readonly<Record<Parameters<PressureReader>[0], string>>;
const target = { component: 'System' as ComponentName, interval: 1_000 };
const none: Texts = { cpu: '', memory: '', io: '' };

/** One look for each of the texts, two seconds apart. */
async function collect(looks: readonly Texts[]): Promise<RecordedReports> {
  const reports = new RecordedReports();
  const clock = new HandClock();
  let now = none;
  const collector = new PressureCollector({ target, reporter: reports, clock }, (resource) => Promise.resolve(now[resource]));
  for (const [count, texts] of looks.entries()) {
    now = texts;
    if (count === 0) await collector.start();
    else clock.pass(2_000);
    await until('the values of this look', () => reports.frames.length > count);
  }
  await collector.dispose();
  return reports;
}

describe('the collector of pressure', () => {
  test('tells the averages of the kernel at once, and shares of the time from the second look', async () => {
    const reports = await collect([recorded, later]);
    expect(reports.values('System', 'pressure_cpu_some_avg10')).toEqual([66.27, 66.27]);
    expect(reports.values('System', 'pressure_io_full_avg10')).toEqual([0.01, 0.01]);
    // One second of the two, and 10 ms of them.
    expect(reports.values('System', 'pressure_cpu_some')).toEqual([50]);
    expect(reports.values('System', 'pressure_io_some')).toEqual([0.5]);
    expect(reports.values('System', 'pressure_memory_full')).toEqual([0]);
    expect(new Set(reports.declarations.map(({ unit }) => unit))).toEqual(new Set(['%']));
    expect(reports.declarations).toHaveLength(12);
  });

  test('tells what an older kernel tells', async () => {
    const reports = await collect([older]);
    expect(reports.declarations.map(({ metric }) => metric)).toEqual([
      'pressure_cpu_some_avg10',
      'pressure_memory_some_avg10',
      'pressure_memory_full_avg10',
      'pressure_io_some_avg10',
      'pressure_io_full_avg10',
    ]);
  });

  test('tells no share when a count went back, and gives up what is gone', async () => {
    const reports = await collect([later, recorded, none]);
    expect(reports.values('System', 'pressure_cpu_some')).toEqual([]);
    expect(reports.values('System', 'pressure_io_some_avg10')).toEqual([1.35, 1.35, Number.NaN]);
  });

  test('tells once that the kernel has none', async () => {
    const reports = new RecordedReports();
    const clock = new HandClock();
    let asked = 0;
    const read: PressureReader = () => {
      asked++;
      return Promise.resolve('');
    };
    const collector = new PressureCollector({ target, reporter: reports, clock }, read);
    await collector.start();
    clock.pass(2_000);
    await until('the second look', () => asked === 6);
    await collector.dispose();
    expect(reports.notices('pressure-missing')).toHaveLength(1);
    expect(reports.frames).toEqual([]);
  });

  test('leaves lines out that are none', () => {
    expect(parsePressure('')).toEqual([]);
    expect(parsePressure('some avg10=x avg60=0 avg300=0 total=1\nmost avg10=1.00 total=1\nsome avg10=1.00')).toEqual([]);
    expect(parsePressure(recorded.io)).toEqual([
      { kind: 'some', average: 1.35, total: 116_989_671 },
      { kind: 'full', average: 0.01, total: 4_872_993 },
    ]);
  });

  test('reads what this machine tells', async ({ skip }) => {
    const readable = await readFile('/proc/pressure/memory').then(
      () => true,
      () => false,
    );
    skip(!readable, 'The kernel of this machine tells no pressure (/proc/pressure).');
    const reports = new RecordedReports();
    const collector = new PressureCollector({ target: { ...target, interval: 100 }, reporter: reports, clock: backgroundClock });
    await collector.start();
    await until('shares', () => reports.values('System', 'pressure_memory_some').length > 0);
    await collector.dispose();
    for (const metric of ['pressure_memory_some_avg10', 'pressure_memory_some', 'pressure_io_full']) {
      for (const value of reports.values('System', metric)) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(100);
      }
    }
    expect(reports.notices('pressure-missing')).toEqual([]);
  });
});

describe('the section "pressure"', () => {
  const parse = (pressure: string) =>
    parseDaemonConfiguration(
      `daemon: MON
environment: demo
router: nats://127.0.0.1:4222
components: { Engine: { find: { pidFile: engine.pid } } }
${pressure}`,
      '/somewhere/daemon.yaml',
    );

  test('is off where it is left out', async () => {
    expect((await parse('')).configuration?.pressure).toBeNull();
  });

  test('has an interval of a second', async () => {
    const { configuration, problems } = await parse('pressure: { component: System }');
    expect(problems).toEqual([]);
    expect(configuration?.pressure).toEqual({ component: 'System', interval: 1_000 });
  });

  test('may share the component of the host, but not that of a process', async () => {
    const { problems } = await parse('host: { component: System }\npressure: { component: System }');
    expect(problems).toEqual([]);
    const shared = await parse('pressure: { component: Engine }');
    expect(shared.problems.map(({ code, range }) => [code, range?.start.line])).toEqual([['duplicate-component', 4]]);
  });
});

/** The host: parsed, turned into rates, and the real one of this machine. */
import { describe, expect, test } from 'vitest';
import { DiskReader } from '#network/daemon/host/disks.ts';
import { HostCollector } from '#network/daemon/host/host-collector.ts';
import type { HostReader, HostReading } from '#network/daemon/host/host-reader.ts';
import { LinuxHostReader, parseCpu, parseDiskTraffic, parseInterfaces } from '#network/daemon/host/linux-host-reader.ts';
import { PortableHostReader } from '#network/daemon/host/portable-host-reader.ts';
import { globMatcher } from '#network/daemon/name-glob.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import { HandClock } from '../hand-clock.ts';
import { RecordedReports, until } from '../recorded-reports.ts';

const network = { name: 'eth0', received: 1_000, sent: 100, receivedPackets: 10, sentPackets: 5, errors: 0 };
const reading: HostReading = {
  cpu: { busy: 100, total: 1_000 },
  load: [1, 2, 3],
  memory: { total: 1_000, free: 100, available: 400 },
  swap: { total: 50, free: 50 },
  disks: [
    { mount: '/', total: 200, free: 100 },
    { mount: '/var', total: 100, free: 10 },
  ],
  diskTraffic: { read: 0, written: 0 },
  interfaces: [network, { ...network, name: 'lo' }],
};

async function collect(readings: readonly HostReading[], disks = ['/', '/var'], interfaces = ['*']): Promise<RecordedReports> {
  const reports = new RecordedReports();
  const clock = new HandClock();
  let next = 0;
  const reader: HostReader = { read: () => Promise.resolve(readings[Math.min(next++, readings.length - 1)]!) };
  const collector = new HostCollector({ component: 'System' as ComponentName, interval: 1_000, disks, interfaces }, reader, reports, clock);
  await collector.start();
  for (let count = 1; count < readings.length; count++) {
    clock.pass(2_000);
    await until('the next values', () => reports.frames.length > count);
  }
  await collector.dispose();
  return reports;
}

describe('the host collector', () => {
  test('tells levels at once and rates from the second look', async () => {
    const later: HostReading = {
      ...reading,
      cpu: { busy: 150, total: 1_200 },
      diskTraffic: { read: 4_000, written: 2_000 },
      interfaces: [{ ...network, received: 5_000, sentPackets: 9, errors: 4 }],
    };
    const reports = await collect([reading, later], ['/', '/var'], ['eth*']);
    const last = (metric: string): number | undefined => reports.values('System', metric).at(-1);
    expect(reports.values('System', 'cpu')).toEqual([25]);
    expect(last('load15')).toBe(3);
    expect(last('memory_used_percent')).toBe(60);
    expect(last('disk_free_percent{mount="/"}')).toBe(50);
    expect(last('disk_free_percent')).toBe(10);
    expect(last('disk_read')).toBe(2_000);
    expect(last('network_received{interface="eth0"}')).toBe(2_000);
    expect(last('network_sent_packets{interface="eth0"}')).toBe(2);
    expect(last('network_errors{interface="eth0"}')).toBe(2);
    expect(reports.declarations.some(({ metric }) => metric.includes('"lo"'))).toBe(false);
  });

  test('tells no rate when a count was reset, and gives up what is gone, once', async () => {
    const reset = { ...reading, interfaces: [{ ...network, received: 10 }], disks: [reading.disks[0]!] };
    const reports = await collect([reading, reading, reset, reset]);
    expect(reports.values('System', 'network_received{interface="eth0"}')).toEqual([0, Number.NaN, 0]);
    expect(reports.values('System', 'network_received{interface="lo"}')).toEqual([0, Number.NaN]);
    expect(reports.values('System', 'disk_free{mount="/var"}')).toEqual([10, 10, Number.NaN]);
    expect(reports.notices('disk-missing')).toHaveLength(1);
  });
});

describe('what Linux tells', () => {
  test('is parsed', () => {
    expect(parseCpu('cpu  10 20 30 400 50 1 2 3 0 0\ncpu0 1 2 3 4\n')).toEqual({ busy: 66, total: 516 });
    expect(parseCpu('')).toBeNull();
    const disks = ' 8 0 sda 1 2 10 3 4 5 20 6 0 0 0\n 8 1 sda1 1 2 10 3 4 5 20 6 0 0 0\n 7 0 loop0 1 2 99 3 4 5 99 6\n';
    expect(parseDiskTraffic(disks, new Set(['sda']))).toEqual({ read: 5_120, written: 10_240 });
    const dev = 'Inter-|   Receive\n face |bytes\n  lo:100 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0\neth0: 5 6 1 2 0 0 0 0 7 8 3 4 0 0 0 0\n';
    expect(parseInterfaces(dev)).toEqual([
      { name: 'lo', received: 100, sent: 200, receivedPackets: 1, sentPackets: 2, errors: 0 },
      { name: 'eth0', received: 5, sent: 7, receivedPackets: 6, sentPackets: 8, errors: 10 },
    ]);
  });

  test.runIf(process.platform === 'linux')('of this machine makes sense', async () => {
    const now = await new LinuxHostReader().read(['/', '/not/there']);
    expect(now.cpu!.total).toBeGreaterThan(now.cpu!.busy);
    expect(now.memory.total).toBeGreaterThan(now.memory.available);
    expect(now.disks.map(({ mount }) => mount)).toEqual(['/']);
    expect(now.disks[0]!.total).toBeGreaterThanOrEqual(now.disks[0]!.free);
    expect(now.interfaces.some(({ name }) => name === 'lo')).toBe(true);
  });
});

describe('what is told where there is no /proc', () => {
  test.skipIf(process.platform !== 'linux')('agrees with what Linux tells', async () => {
    const portable = new PortableHostReader();
    const [told, truth] = [await portable.read(['/'], (name) => name === 'lo'), await new LinuxHostReader().read(['/'])];
    const near = (value: number, other: number, tolerance: number): void =>
      expect(Math.abs(value - other)).toBeLessThanOrEqual(tolerance * Math.max(value, other));
    near(told.memory.total, truth.memory.total, 0);
    near(told.memory.available, truth.memory.available, 0.1);
    expect(told.swap ?? { total: 0, free: 0 }).toEqual(truth.swap);
    near(told.disks[0]!.free, truth.disks[0]!.free, 0.01);
    near(told.load![2], truth.load![2], 0.1);
    near(told.cpu!.busy / told.cpu!.total, truth.cpu!.busy / truth.cpu!.total, 0.1);
    expect(told.interfaces.map(({ name }) => name)).toEqual(['lo']);
    const loopback = truth.interfaces.find(({ name }) => name === 'lo');
    near(told.interfaces[0]!.received, loopback!.received, 0.05);
    near(told.interfaces[0]!.sent, loopback!.sent, 0.05);
  });

  test('becomes series, without those that the system does not tell', async () => {
    const clock = new HandClock();
    const reports = new RecordedReports();
    const configuration = { component: 'System' as ComponentName, interval: 1_000, disks: ['/'], interfaces: ['lo*'] };
    const collector = new HostCollector(configuration, new PortableHostReader(), reports, clock);
    await collector.start();
    // The library answers with the same counts for half a second.
    await new Promise((resolve) => setTimeout(resolve, 600));
    clock.pass(1_000);
    await collector.dispose();
    const metrics = reports.declarations.map(({ metric }) => metric);
    expect(metrics).toEqual(expect.arrayContaining(['cpu', 'memory_total', 'memory_available', 'disk_free{mount="/"}']));
    expect(metrics.filter((metric) => metric.includes('packets'))).toEqual([]);
    if (process.platform === 'linux') expect(metrics).toContain('network_received{interface="lo"}');
  });
});

describe('a file system that does not answer', () => {
  test('holds up nothing, and is not asked again before it has answered', async () => {
    let asked = 0;
    let answer: () => void = () => undefined;
    const reader = new DiskReader(async (mount) => {
      if (mount === '/dead') {
        asked++;
        await new Promise<void>((resolve) => (answer = resolve));
      }
      return { mount, total: 2, free: 1 };
    });
    for (let turn = 0; turn < 3; turn++) expect((await reader.read(['/', '/dead'])).map(({ mount }) => mount)).toEqual(['/']);
    expect(asked).toBe(1);
    answer();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const again = reader.read(['/', '/dead']);
    answer();
    expect((await again).map(({ mount }) => mount)).toEqual(['/', '/dead']);
  });
});

describe('globs over names', () => {
  test.each([
    ['redis_*', 'redis_up', true],
    ['redis_*', 'xredis_up', false],
    ['*_total', 'a_total', true],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['e?h0', 'eth0', true],
    ['a.b', 'axb', false],
    ['*', '', true],
    ['', 'x', false],
  ])('%s on %s: %s', (glob, name, fits) => {
    expect(globMatcher([glob])(name)).toBe(fits);
  });
});

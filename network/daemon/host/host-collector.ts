/** Turns readings of the host into series: levels as they are, counts since the start into rates. */
import { z } from 'zod';
import type { Unit } from '#shared/telemetry/series.ts';
import type { Clock } from '#platform/clock.ts';
import { checkMachine, type Collector, type CollectorKind, type CollectorTarget } from '../collector.ts';
import { duration, section, text } from '#platform/configuration/leaves.ts';
import { componentName, path } from '../configuration/daemon-leaves.ts';
import { globMatcher } from '../name-glob.ts';
import type { Reporter } from '../ports.ts';
import { rate, RepeatedLook } from '../repeated-look.ts';
import type { HostReader, HostReading, NetworkInterface } from './host-reader.ts';
import { LinuxHostReader } from './linux-host-reader.ts';
import { PortableHostReader } from './portable-host-reader.ts';
import { leastPortableInterval } from './system-information.ts';

export interface HostConfiguration extends CollectorTarget {
  /** Mount points. */
  readonly disks: readonly string[];
  /** Globs over names of network interfaces. */
  readonly interfaces: readonly string[];
}

const hostSection = section({
  component: componentName,
  interval: duration('100ms', '1h').default(1_000),
  disks: z.array(path).max(50).default(['/']),
  interfaces: z.array(text(64)).max(50).default(['*']),
}).optional();

export const hostCollector: CollectorKind<HostConfiguration, typeof hostSection> = {
  section: hostSection,
  resolve: (host, absolute) => ({ ...host, disks: host.disks.map(absolute) }),
  check: checkMachine,
  create(host, { reporter, clock }) {
    if (process.platform === 'linux') return new HostCollector(host, new LinuxHostReader(), reporter, clock);
    const interval = Math.max(host.interval, leastPortableInterval);
    return new HostCollector({ ...host, interval }, new PortableHostReader(), reporter, clock);
  },
};

interface Timed {
  readonly reading: HostReading;
  /** monotonic ms */
  readonly time: number;
}

type Report = (metric: string, unit: Unit, value: number, help: string) => void;

/** A host of containers has thousands of interfaces, five series each. */
const maximumInterfaces = 100;

export class HostCollector implements Collector {
  private readonly configuration: HostConfiguration;
  private readonly reader: HostReader;
  private readonly reporter: Reporter;
  private readonly clock: Clock;
  private readonly wantsInterface: (name: string) => boolean;
  private previous: Timed | undefined;
  private readonly missingDisks = new Set<string>();
  private readonly looks: RepeatedLook;

  constructor(configuration: HostConfiguration, reader: HostReader, reporter: Reporter, clock: Clock) {
    this.configuration = configuration;
    this.reader = reader;
    this.reporter = reporter;
    this.clock = clock;
    this.wantsInterface = globMatcher(configuration.interfaces);
    const look = () => this.collect();
    this.looks = new RepeatedLook({ reporter, clock, target: configuration, look, what: 'the machine', faultCode: 'host-fault' });
  }

  /** The first values are there when this is done; rates follow with the second look. */
  start(): Promise<void> {
    return this.looks.start();
  }

  dispose(): Promise<void> {
    return this.looks.dispose();
  }

  private async collect(): Promise<ReadonlyMap<number, number>> {
    const reading = await this.reader.read(this.configuration.disks, this.wantsInterface);
    const now: Timed = { reading, time: this.clock.monotonic() };
    const values = new Map<number, number>();
    const report: Report = (metric, unit, value, help) => {
      if (!Number.isFinite(value)) return;
      values.set(this.reporter.declare(this.configuration.component, metric, unit, 'gauge', help), value);
    };
    reportLevels(reading, report);
    reportDisks(reading.disks, report);
    if (this.previous) this.reportRates(this.previous, now, report);
    this.tellMissingDisks(reading);
    this.previous = now;
    return values;
  }

  private reportRates(before: Timed, now: Timed, report: Report): void {
    const seconds = (now.time - before.time) / 1_000;
    if (seconds <= 0) return;
    const [old, fresh] = [before.reading, now.reading];
    if (old.cpu && fresh.cpu && fresh.cpu.total > old.cpu.total) {
      const share = (fresh.cpu.busy - old.cpu.busy) / (fresh.cpu.total - old.cpu.total);
      report('cpu', '%', Math.min(100, Math.max(0, share * 100)), 'CPU time used, of all cores together.');
    }
    if (old.diskTraffic && fresh.diskTraffic) {
      report('disk_read', 'bytes per second', rate(old.diskTraffic.read, fresh.diskTraffic.read, seconds), 'Read from all disks.');
      report(
        'disk_written',
        'bytes per second',
        rate(old.diskTraffic.written, fresh.diskTraffic.written, seconds),
        'Written to all disks.',
      );
    }
    for (const network of fresh.interfaces.filter(({ name }) => this.wantsInterface(name)).slice(0, maximumInterfaces)) {
      const earlier = old.interfaces.find(({ name }) => name === network.name);
      if (earlier) reportInterface(earlier, network, seconds, report);
    }
  }

  private tellMissingDisks(reading: HostReading): void {
    for (const mount of this.configuration.disks) {
      const missing = !reading.disks.some((disk) => disk.mount === mount);
      if (!missing) this.missingDisks.delete(mount);
      if (!missing || this.missingDisks.has(mount)) continue;
      this.missingDisks.add(mount);
      const text = `The free space of ${mount} cannot be read: it is not there, or this user may not. Mend host.disks or mount it.`;
      const { component } = this.configuration;
      this.reporter.event({ kind: 'notice', time: this.clock.now(), severity: 'warning', code: 'disk-missing', text, component });
    }
  }
}

function reportLevels({ load, memory, swap }: HostReading, report: Report): void {
  const averages = [
    ['load1', '1 minute'],
    ['load5', '5 minutes'],
    ['load15', '15 minutes'],
  ] as const;
  averages.forEach(([metric, span], index) =>
    report(metric, 'none', load?.[index] ?? Number.NaN, `Processes that run or wait to, averaged over ${span}.`),
  );
  report('memory_total', 'bytes', memory.total, 'Memory of the machine.');
  report('memory_free', 'bytes', memory.free, 'Memory that nobody uses.');
  report('memory_available', 'bytes', memory.available, 'Memory that programs can still get without swapping.');
  report('memory_free_percent', '%', percent(memory.available, memory.total), 'Available memory, of all memory.');
  report('memory_used_percent', '%', 100 - percent(memory.available, memory.total), 'Memory that is not available, of all memory.');
  report('swap_total', 'bytes', swap?.total ?? Number.NaN, 'Swap space of the machine.');
  report('swap_free', 'bytes', swap?.free ?? Number.NaN, 'Swap space that is not used.');
}

function reportDisks(disks: HostReading['disks'], report: Report): void {
  for (const { mount, total, free } of disks) {
    const label = `{mount="${labelValue(mount)}"}`;
    report(`disk_total${label}`, 'bytes', total, `Size of the file system at ${mount}.`);
    report(`disk_free${label}`, 'bytes', free, `Free space at ${mount}.`);
    report(`disk_free_percent${label}`, '%', percent(free, total), `Free space at ${mount}, of its size.`);
  }
  const least = Math.min(...disks.map(({ free, total }) => percent(free, total)).filter(Number.isFinite));
  report('disk_free_percent', '%', least, 'Free space of the fullest watched file system.');
}

function reportInterface(before: NetworkInterface, now: NetworkInterface, seconds: number, report: Report): void {
  const label = `{interface="${labelValue(now.name)}"}`;
  report(`network_received${label}`, 'bytes per second', rate(before.received, now.received, seconds), `Received by ${now.name}.`);
  report(`network_sent${label}`, 'bytes per second', rate(before.sent, now.sent, seconds), `Sent by ${now.name}.`);
  report(`network_received_packets${label}`, 'per second', rate(before.receivedPackets, now.receivedPackets, seconds), 'Packets received.');
  report(`network_sent_packets${label}`, 'per second', rate(before.sentPackets, now.sentPackets, seconds), 'Packets sent.');
  report(
    `network_errors${label}`,
    'per second',
    rate(before.errors, now.errors, seconds),
    'Packets with errors and packets dropped, both directions.',
  );
}

function percent(part: number, whole: number): number {
  return whole > 0 ? (100 * part) / whole : Number.NaN;
}

function labelValue(text: string): string {
  return text.slice(0, 150).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

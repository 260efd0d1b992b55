/** The host as Linux shows it in /proc. */
import { readdir, readFile } from 'node:fs/promises';
import { DiskReader } from './disks.ts';
import type { HostReader, HostReading, NetworkInterface } from './host-reader.ts';

const sectorBytes = 512;
/** Devices that stand for parts or copies of others, so that nothing is counted twice. */
const virtualDevice = /^(loop|ram|zram|dm-|md|sr|fd)/;

export class LinuxHostReader implements HostReader {
  private readonly disks = new DiskReader();
  private wholeDisks: Promise<ReadonlySet<string>> | undefined;

  async read(disks: readonly string[]): Promise<HostReading> {
    this.wholeDisks ??= listWholeDisks();
    const [stat, load, memory, traffic, network, mounts, whole] = await Promise.all([
      text('/proc/stat'),
      text('/proc/loadavg'),
      text('/proc/meminfo'),
      text('/proc/diskstats'),
      text('/proc/net/dev'),
      this.disks.read(disks),
      this.wholeDisks,
    ]);
    const memoryOf = memoryReader(memory);
    return {
      cpu: parseCpu(stat),
      load: parseLoad(load),
      memory: { total: memoryOf('MemTotal'), free: memoryOf('MemFree'), available: memoryOf('MemAvailable') },
      swap: { total: memoryOf('SwapTotal'), free: memoryOf('SwapFree') },
      disks: mounts,
      diskTraffic: parseDiskTraffic(traffic, whole),
      interfaces: parseInterfaces(network),
    };
  }
}

function text(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}

async function listWholeDisks(): Promise<ReadonlySet<string>> {
  const names = await readdir('/sys/block').catch(() => []);
  return new Set(names.filter((name) => !virtualDevice.test(name)));
}

/** user nice system idle iowait irq softirq steal; guest time is part of user time already. */
export function parseCpu(stat: string): HostReading['cpu'] {
  const times = /^cpu\s+([0-9 ]+)$/m.exec(stat)?.[1]?.trim().split(/\s+/).slice(0, 8).map(Number);
  if (!times || times.length < 4) return null;
  const total = times.reduce((sum, time) => sum + time, 0);
  const idle = (times[3] ?? 0) + (times[4] ?? 0);
  return { busy: total - idle, total };
}

function parseLoad(loadavg: string): HostReading['load'] {
  const [one, five, fifteen] = loadavg.split(' ').map(Number);
  return one === undefined || five === undefined || fifteen === undefined ? null : [one, five, fifteen];
}

function memoryReader(meminfo: string): (key: string) => number {
  const values = new Map([...meminfo.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(([, key, value]) => [key, Number(value) * 1_024]));
  return (key) => values.get(key) ?? Number.NaN;
}

export function parseDiskTraffic(diskstats: string, wholeDisks: ReadonlySet<string>): HostReading['diskTraffic'] {
  let [read, written, seen] = [0, 0, false];
  for (const line of diskstats.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (!wholeDisks.has(fields[2] ?? '')) continue;
    read += Number(fields[5]) * sectorBytes;
    written += Number(fields[9]) * sectorBytes;
    seen = true;
  }
  return seen ? { read, written } : null;
}

export function parseInterfaces(dev: string): readonly NetworkInterface[] {
  return dev.split('\n').flatMap((line) => {
    const parts = /^\s*([^:\s]+):\s*(.*)$/.exec(line);
    const counts = (parts?.[2] ?? '').trim().split(/\s+/).map(Number);
    if (!parts || counts.length < 12) return [];
    const count = (index: number): number => counts[index] ?? 0;
    const errors = count(2) + count(3) + count(10) + count(11);
    return [{ name: parts[1] ?? '', received: count(0), sent: count(8), receivedPackets: count(1), sentPackets: count(9), errors }];
  });
}

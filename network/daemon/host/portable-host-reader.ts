/**
 * The host where there is no /proc: CPU, load and space on disks by Node; memory, swap, disk traffic and network counters by
 * the library. Disk traffic is told on macOS only, packets nowhere.
 */
import { cpus, loadavg, networkInterfaces } from 'node:os';
import { systemInformation, type SystemInformation } from './system-information.ts';
import { DiskReader } from './disks.ts';
import type { HostReader, HostReading, NetworkInterface } from './host-reader.ts';

/** Each costs started programs. */
const maximumInterfaces = 20;

export class PortableHostReader implements HostReader {
  private readonly disks = new DiskReader();

  async read(disks: readonly string[], wantsInterface: (name: string) => boolean = () => true): Promise<HostReading> {
    const library = await systemInformation();
    const [memory, traffic, interfaces, spaces] = await Promise.all([
      library.mem(),
      library.fsStats(),
      readInterfaces(library, wantsInterface),
      this.disks.read(disks),
    ]);
    const { total, free, available, swaptotal, swapfree } = memory;
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    return {
      cpu: readCpu(),
      // Windows has no load averages; Node gives zeros there.
      load: process.platform === 'win32' ? null : [one, five, fifteen],
      memory: { total, free, available },
      swap: swaptotal > 0 ? { total: swaptotal, free: swapfree } : null,
      disks: spaces,
      diskTraffic: traffic && { read: traffic.rx, written: traffic.wx },
      interfaces,
    };
  }
}

function readCpu(): HostReading['cpu'] {
  const times = cpus().map((core) => core.times);
  const total = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  return total > 0 ? { busy: total - idle, total } : null;
}

/** Those with an address. */
async function readInterfaces(library: SystemInformation, wants: (name: string) => boolean): Promise<readonly NetworkInterface[]> {
  // A comma or a bar would separate names in the library's own list.
  const names = Object.keys(networkInterfaces()).filter((name) => wants(name) && !/[,|*]/.test(name));
  if (names.length === 0) return [];
  const statistics = await library.networkStats(names.slice(0, maximumInterfaces).join(','));
  return statistics.map(({ iface, rx_bytes, tx_bytes, rx_errors, tx_errors, rx_dropped, tx_dropped }) => ({
    name: iface,
    received: rx_bytes,
    sent: tx_bytes,
    receivedPackets: Number.NaN,
    sentPackets: Number.NaN,
    errors: rx_errors + tx_errors + rx_dropped + tx_dropped,
  }));
}

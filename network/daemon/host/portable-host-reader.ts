/** The host where there is no /proc: what Node itself can tell. Swap, disk traffic and network counters are missing there. */
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { DiskReader } from './disks.ts';
import type { HostReader, HostReading } from './host-reader.ts';

export class PortableHostReader implements HostReader {
  private readonly disks = new DiskReader();

  async read(disks: readonly string[]): Promise<HostReading> {
    const times = cpus().map((core) => core.times);
    const total = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
    const idle = times.reduce((sum, time) => sum + time.idle, 0);
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    const available = process.availableMemory();
    return {
      cpu: total > 0 ? { busy: total - idle, total } : null,
      // Windows has no load averages; Node gives zeros there.
      load: process.platform === 'win32' ? null : [one, five, fifteen],
      memory: { total: totalmem(), free: freemem(), available: available > 0 ? available : freemem() },
      swap: null,
      disks: await this.disks.read(disks),
      diskTraffic: null,
      interfaces: [],
    };
  }
}

/** How the core itself is doing: memory, processor, how late its event loop is, what waits for the disk, how many runs go on. */
import { statfs } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { ActiveRuns } from '../runs/active-runs.ts';
import type { Family } from '../reports/open-formats/exposition.ts';
import type { Scrape } from './scrape.ts';
import type { Owned } from '#shared/disposable.ts';

const gauge = (family: string, unit: string, help: string): Family => ({ family, type: 'gauge', unit, help });

/** The families that stand in every scrape; dashboards may rely on them. */
export const coreFamilies = {
  information: { family: 'testops_core', type: 'info', unit: '', help: 'The core and its version' },
  uptime: gauge('testops_core_uptime_seconds', 'seconds', 'How long the core has been running'),
  resident: gauge('testops_core_resident_memory_bytes', 'bytes', 'Memory of the core'),
  heap: gauge('testops_core_heap_used_bytes', 'bytes', 'Heap that is used'),
  heapLimit: gauge('testops_core_heap_limit_bytes', 'bytes', 'Heap that may be used'),
  processor: { family: 'testops_core_cpu_seconds', type: 'counter', unit: 'seconds', help: 'Processor time that the core used' },
  eventLoopLag: gauge('testops_core_event_loop_lag_seconds', 'seconds', 'How late the event loop was, since the last scrape'),
  runs: gauge('testops_core_runs_active', '', 'Runs that go on'),
  waitingRecords: gauge('testops_core_archive_waiting_records', '', 'Records of runs that wait for the disk'),
  waitingSamples: gauge('testops_core_archive_waiting_samples', '', 'Samples of runs that wait for the disk'),
  diskFree: gauge('testops_core_archive_disk_free_bytes', 'bytes', "Free space on the archive's disk"),
  seriesOmitted: gauge('testops_core_series_omitted', '', 'Series that are left out of this scrape, because there are too many'),
} as const satisfies Record<string, Family>;

const quantiles = [50, 99, 100] as const;
/** ns; what the histogram counts as no delay at all, since it looks this often (20 ms). */
const resolution = 20;

export interface CoreHealthParts {
  readonly runs: ActiveRuns;
  readonly archiveFolder: string;
  readonly softwareVersion: string;
}

export class CoreHealth implements Owned {
  private readonly parts: CoreHealthParts;
  private delays: ReturnType<typeof monitorEventLoopDelay> | null = null;

  constructor(parts: CoreHealthParts) {
    this.parts = parts;
  }

  async tell(scrape: Scrape): Promise<void> {
    const { runs, archiveFolder, softwareVersion } = this.parts;
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    scrape.add(coreFamilies.information, { version: softwareVersion, node: process.version }, 1);
    scrape.add(coreFamilies.uptime, {}, process.uptime());
    scrape.add(coreFamilies.resident, {}, rss);
    scrape.add(coreFamilies.heap, {}, heapUsed);
    scrape.add(coreFamilies.heapLimit, {}, getHeapStatistics().heap_size_limit);
    scrape.add(coreFamilies.processor, {}, (user + system) / 1e6);
    this.tellLag(scrape);
    const going = runs.list().map(({ run }) => runs.journal(run)?.waiting?.() ?? { records: 0, samples: 0 });
    scrape.add(coreFamilies.runs, {}, going.length);
    scrape.add(coreFamilies.waitingRecords, {}, sum(going.map(({ records }) => records)));
    scrape.add(coreFamilies.waitingSamples, {}, sum(going.map(({ samples }) => samples)));
    const disk = await statfs(archiveFolder).catch(() => null);
    if (disk) scrape.add(coreFamilies.diskFree, {}, disk.bavail * disk.bsize);
  }

  dispose(): void {
    this.delays?.disable();
  }

  /** Measured from the first scrape on: a core that nobody scrapes pays nothing for it. */
  private tellLag(scrape: Scrape): void {
    if (!this.delays) {
      this.delays = monitorEventLoopDelay({ resolution });
      this.delays.enable();
      return;
    }
    for (const quantile of quantiles) {
      const nanoseconds = this.delays.count === 0 ? 0 : this.delays.percentile(quantile);
      scrape.add(coreFamilies.eventLoopLag, { quantile: String(quantile / 100) }, Math.max(0, nanoseconds / 1e9 - resolution / 1_000));
    }
    this.delays.reset();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

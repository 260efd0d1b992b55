/**
 * Pressure on the machine, as Linux tells it in /proc/pressure: for what share of the time programs stood still because they
 * waited for a processor, for memory or for disks. `some` counts when at least one waited, `full` when all did that had
 * anything to do.
 */
import { readFile } from 'node:fs/promises';
import { checkMachine, type Collector, type CollectorKind, type CollectorParts, type CollectorTarget } from '../collector.ts';
import { duration, section } from '#platform/configuration/leaves.ts';
import { componentName } from '../configuration/daemon-leaves.ts';
import { rate, RepeatedLook } from '../repeated-look.ts';

const pressureSection = section({ component: componentName, interval: duration('100ms', '1h').default(1_000) }).optional();

export const pressureCollector: CollectorKind<CollectorTarget, typeof pressureSection> = {
  section: pressureSection,
  check: checkMachine,
  create: (target, parts) => new PressureCollector({ target, ...parts }),
};

const resources = [
  { name: 'cpu', awaited: 'a processor' },
  { name: 'memory', awaited: 'memory' },
  { name: 'io', awaited: 'disks' },
] as const;
type Resource = (typeof resources)[number];

/** One line of a file: `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`. */
interface Pressure {
  readonly kind: 'some' | 'full';
  /** % of the last 10 s, as the kernel averages it */
  readonly average: number;
  /** µs since the start of the machine */
  readonly total: number;
}

export function parsePressure(text: string): readonly Pressure[] {
  const lines = text.matchAll(/^(some|full) avg10=(\d+(?:\.\d+)?) .*total=(\d+)$/gm);
  return [...lines].map(([, kind, average, total]) => ({
    kind: kind === 'full' ? 'full' : 'some',
    average: Number(average),
    total: Number(total),
  }));
}

/** The text of /proc/pressure/cpu and so on; empty where the kernel has none. */
export type PressureReader = (resource: Resource['name']) => Promise<string>;

const readKernel: PressureReader = (resource) => readFile(`/proc/pressure/${resource}`, 'latin1').catch(() => '');

export class PressureCollector implements Collector {
  private readonly options: CollectorParts & { readonly target: CollectorTarget };
  private readonly read: PressureReader;
  private readonly looks: RepeatedLook;
  /** By metric. */
  private before: { readonly totals: ReadonlyMap<string, number>; readonly time: number } | undefined;
  private missingTold = false;

  constructor(options: CollectorParts & { readonly target: CollectorTarget }, read: PressureReader = readKernel) {
    this.options = options;
    this.read = read;
    this.looks = new RepeatedLook({ ...options, look: () => this.collect(), what: 'the pressure', faultCode: 'pressure-fault' });
  }

  /** The averages are there when this is done; shares follow with the second look. */
  start(): Promise<void> {
    return this.looks.start();
  }

  dispose(): Promise<void> {
    return this.looks.dispose();
  }

  private async collect(): Promise<ReadonlyMap<number, number>> {
    const told = await Promise.all(resources.map(async (resource) => ({ resource, lines: parsePressure(await this.read(resource.name)) })));
    const time = this.options.clock.monotonic();
    const totals = new Map<string, number>();
    const values = new Map<number, number>();
    for (const { resource, lines } of told) {
      for (const { kind, average, total } of lines) {
        const metric = `pressure_${resource.name}_${kind}`;
        const who = kind === 'some' ? 'some program' : 'every program that had anything to do';
        const report = (name: string, value: number, span: string): void => {
          const help = `Share of the time in which ${who} waited for ${resource.awaited}, ${span}.`;
          if (Number.isFinite(value)) values.set(this.seriesOf(name, help), value);
        };
        report(`${metric}_avg10`, average, 'averaged over 10 s by the kernel');
        report(metric, this.share(metric, total, time), 'since the last look');
        totals.set(metric, total);
      }
    }
    this.before = { totals, time };
    if (totals.size === 0) this.tellMissing();
    return values;
  }

  private seriesOf(metric: string, help: string): number {
    return this.options.reporter.declare(this.options.target.component, metric, '%', 'gauge', help);
  }

  /** % of the time since the last look; NaN at the first. */
  private share(metric: string, total: number, time: number): number {
    const earlier = this.before?.totals.get(metric);
    if (this.before === undefined || earlier === undefined || time <= this.before.time) return Number.NaN;
    const microseconds = (time - this.before.time) * 1_000;
    return Math.min(100, 100 * rate(earlier, total, microseconds));
  }

  private tellMissing(): void {
    if (this.missingTold) return;
    this.missingTold = true;
    const { reporter, clock, target } = this.options;
    const text =
      'This machine tells no pressure: /proc/pressure cannot be read. Start its kernel (Linux 4.20 or later) with psi=1, or take pressure out of the configuration.';
    reporter.event({
      kind: 'notice',
      time: clock.now(),
      severity: 'warning',
      code: 'pressure-missing',
      text,
      component: target.component,
    });
  }
}

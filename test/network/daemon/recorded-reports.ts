/** A reporter that keeps what it was told, with questions that tests ask of it. */
import type { Reporter } from '#network/daemon/ports.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import { daemonEventSchema, type DaemonEvent } from '#shared/protocol/observations.ts';
import { seriesDeclarationSchema, type SeriesDeclaration, type Unit } from '#shared/telemetry/series.ts';

type EventOf<Kind extends DaemonEvent['kind']> = Extract<DaemonEvent, { kind: Kind }>;

export class RecordedReports implements Reporter {
  readonly events: DaemonEvent[] = [];
  readonly declarations: SeriesDeclaration[] = [];
  readonly frames: { readonly time: number; readonly values: readonly { readonly series: number; readonly value: number }[] }[] = [];

  event(event: DaemonEvent): void {
    this.events.push(daemonEventSchema.parse(event));
  }

  declare(component: ComponentName, metric: string, unit: Unit, kind: SeriesDeclaration['kind'], help?: string): number {
    const known = this.declarations.find((each) => each.component === component && each.metric === metric);
    if (known) return known.id;
    const declared = { id: this.declarations.length, component, metric, unit, kind, ...(help ? { help } : {}) };
    this.declarations.push(seriesDeclarationSchema.parse(declared));
    return declared.id;
  }

  samples(time: number, values: readonly { readonly series: number; readonly value: number }[]): void {
    this.frames.push({ time, values: [...values] });
  }

  of<Kind extends DaemonEvent['kind']>(kind: Kind): EventOf<Kind>[] {
    return this.events.filter((event): event is EventOf<Kind> => event.kind === kind);
  }

  /** All values of `Component.metric`, oldest first. */
  values(component: string, metric: string): number[] {
    const series = this.declarations.find((each) => each.component === component && each.metric === metric)?.id;
    return this.frames.flatMap(({ values }) => values.filter((each) => each.series === series).map(({ value }) => value));
  }

  states(component: string): string[] {
    return this.of('state').flatMap((event) => (event.component === component ? [event.state] : []));
  }

  notices(code: string): string[] {
    return this.of('notice').flatMap((event) => (event.code === code ? [event.text] : []));
  }
}

/** Waits until the condition holds; fails with `what` after the time (generous: machines are busy). */
export async function until(what: string, condition: () => boolean | Promise<boolean>, timeout = 10_000): Promise<void> {
  const end = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited ${timeout} ms in vain: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

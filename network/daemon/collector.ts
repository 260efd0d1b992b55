/**
 * What a collector brings along, so that it is added by its own file and one line in `collectors.ts`: its section of
 * `daemon.yaml`, what is to be checked and resolved there, and how it is made. Its series it declares as it reports them.
 */
import type { z } from 'zod';
import type { Owned } from '#shared/disposable.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import type { Path } from '#platform/configuration/places.ts';
import type { Clock } from '#platform/clock.ts';
import type { Finding } from './configuration/finding.ts';
import type { Reporter } from './ports.ts';

/** What is collected from, as its section describes it. */
export interface CollectorTarget {
  /** Under which the series appear. */
  readonly component: ComponentName;
  /** ms between looks */
  readonly interval: number;
}

/** A section of `daemon.yaml`, decoded or resolved: one target, a list of them, or nothing. */
export type TargetSection = CollectorTarget | readonly CollectorTarget[] | null | undefined;

export interface Collector extends Owned {
  start(): Promise<void> | void;
}

export interface CollectorParts {
  readonly reporter: Reporter;
  readonly clock: Clock;
}

/** What a target is checked against. */
export interface CheckedTarget<Target> {
  readonly path: Path;
  /** All of its section. */
  readonly targets: readonly Target[];
  /** Names of the components that are processes. */
  readonly processes: readonly string[];
}

export interface CollectorKind<Target extends CollectorTarget = CollectorTarget, Section extends z.ZodType = z.ZodType> {
  readonly section: Section;
  /** Paths made absolute. */
  resolve?(target: Target, absolute: (path: string) => string): Target;
  /** What the section cannot tell by itself. */
  check?(target: Target, place: CheckedTarget<Target>): readonly Finding[];
  create(target: Target, parts: CollectorParts): Collector;
}

/** Of what describes the machine: it must not share its component with a process, whose series and state are others. */
export function checkMachine(target: CollectorTarget, { path, processes }: CheckedTarget<CollectorTarget>): readonly Finding[] {
  if (!processes.includes(target.component)) return [];
  const message = `The component "${target.component}" is both the host and a process.`;
  const tip = 'Give the host a name of its own, such as System.';
  return [{ path: [...path, 'component'], code: 'duplicate-component', message, tip }];
}

/** The collectors of the daemon, each under the key of its section in `daemon.yaml`, and what is asked of all of them. */
import type { z } from 'zod';
import type { Path } from '#platform/configuration/places.ts';
import type { Ownership } from '#shared/disposable.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import type { CollectorKind, CollectorParts, CollectorTarget, TargetSection } from './collector.ts';
import type { Finding } from './configuration/finding.ts';
import { hostCollector } from './host/host-collector.ts';
import { pressureCollector } from './host/pressure-collector.ts';
import { scrapeCollector } from './scrape/scraper.ts';

/** In the order in which they are started. */
const collectors = {
  host: hostCollector,
  pressure: pressureCollector,
  scrape: scrapeCollector,
};

type Key = keyof typeof collectors;
type Sections = { readonly [Each in Key]: (typeof collectors)[Each]['section'] };
type Decoded = { readonly [Each in Key]: z.output<Sections[Each]> };
/** The resolved sections; one that is left out is null. */
export type CollectorConfigurations = {
  readonly [Each in Key]: undefined extends Decoded[Each] ? NonNullable<Decoded[Each]> | null : Decoded[Each];
};
type AnySections = { readonly [Each in Key]?: TargetSection };

const keys = Object.keys(collectors) as readonly Key[];
/** Each kind is only ever given targets of its own section. */
const kinds: Readonly<Record<Key, CollectorKind>> = collectors;

export const collectorSections = Object.fromEntries(keys.map((key) => [key, collectors[key].section])) as Sections;

function targetsIn(section: TargetSection): readonly CollectorTarget[] {
  if (!section) return [];
  return 'component' in section ? [section] : section;
}

export function resolveCollectors(decoded: AnySections, absolute: (path: string) => string): CollectorConfigurations {
  const resolved = keys.map((key) => [key, resolveSection(kinds[key], decoded[key], absolute)]);
  return Object.fromEntries(resolved) as CollectorConfigurations;
}

function resolveSection(kind: CollectorKind, section: TargetSection, absolute: (path: string) => string): TargetSection {
  const resolve = (target: CollectorTarget): CollectorTarget => kind.resolve?.(target, absolute) ?? target;
  if (!section) return null;
  return 'component' in section ? resolve(section) : section.map(resolve);
}

export function checkCollectors(decoded: AnySections, processes: readonly string[]): readonly Finding[] {
  return keys.flatMap((key) => {
    const section = decoded[key];
    const targets = targetsIn(section);
    const path = (index: number): Path => (Array.isArray(section) ? [key, index] : [key]);
    return targets.flatMap((target, index) => kinds[key].check?.(target, { path: path(index), targets, processes }) ?? []);
  });
}

/** The components that collectors speak for, one for each target. */
export function collectedComponents(sections: AnySections): readonly ComponentName[] {
  return keys.flatMap((key) => targetsIn(sections[key]).map(({ component }) => component));
}

export async function startCollectors(sections: AnySections, parts: CollectorParts, owned: Ownership): Promise<void> {
  for (const key of keys) {
    for (const target of targetsIn(sections[key])) await owned.own(kinds[key].create(target, parts)).start();
  }
}

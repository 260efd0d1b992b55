/**
 * What a daemon offered, as one short text that is the same in every run as long as the daemon can do the same. The hash of its
 * configuration file is not: a workspace made of a template (the demo) has ports and paths of its own each time it is laid out.
 */
import { createHash } from 'node:crypto';
import type { Catalogue } from '#shared/protocol/observations.ts';

/** 16 hexadecimal digits of components, their states, commands and signals, and actions. Metrics are left out: some are known only after a while. */
export function offeredHash({ components, actions }: Pick<Catalogue, 'components' | 'actions'>): string {
  const offered = {
    components: components.map(({ name, states, commands, signals }) => ({ name, states, commands, signals })).sort(byName),
    actions: actions.map(({ name, parameters, hazard, timeout }) => ({ name, parameters, hazard, timeout })).sort(byName),
  };
  return createHash('sha256').update(JSON.stringify(offered)).digest('hex').slice(0, 16);
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : Number(one.name > other.name);
}

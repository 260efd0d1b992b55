/** What a daemon offers is the same in every workspace made of one template, and not the same when it offers something else. */
import { expect, test } from 'vitest';
import { offeredHash } from '#main/core/history/offered-hash.ts';
import type { Catalogue } from '#shared/protocol/observations.ts';
import { componentNameSchema } from '#shared/identifiers.ts';

type Offered = Pick<Catalogue, 'components' | 'actions'>;

const component = (name: string, metrics: string[] = []): Offered['components'][number] => ({
  name: componentNameSchema.parse(name),
  states: ['READY'],
  commands: ['kill'],
  signals: ['KILL'],
  metrics,
});
const action = (name: string, timeout = 1_000): Offered['actions'][number] => ({ name, parameters: [], hazard: 'none', timeout });
const offered: Offered = { components: [component('A'), component('B')], actions: [action('start'), action('stop')] };

test('order, help and metrics that are known later make no difference', () => {
  const other: Offered = {
    components: [component('B', ['rss']), component('A')],
    actions: [{ ...action('stop'), help: 'in other words' }, action('start')],
  };
  expect(offeredHash(other)).toBe(offeredHash(offered));
  expect(offeredHash(offered)).toMatch(/^[0-9a-f]{16}$/);
});

test.each<[string, Offered]>([
  ['another component', { ...offered, components: [component('A'), component('C')] }],
  ['another state', { ...offered, components: [{ ...component('A'), states: ['READY', 'STANDBY'] }, component('B')] }],
  ['a command less', { ...offered, components: [{ ...component('A'), commands: [] }, component('B')] }],
  ['an action less', { ...offered, actions: [action('start')] }],
  ['another limit of time', { ...offered, actions: [action('start'), action('stop', 2_000)] }],
])('%s does', (_, other) => {
  expect(offeredHash(other)).not.toBe(offeredHash(offered));
});

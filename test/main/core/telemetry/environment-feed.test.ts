/** What is told of daemons that go: lost ones are an error, those that were taken down with their environment are none. */
import { expect, test } from 'vitest';
import { FakeLink, ManualClock, daemon, epoch } from '../engine/fakes.ts';
import type { OpenEnvironment } from '#main/core/environments/access.ts';
import { FedEnvironments } from '#main/core/telemetry/environment-feed.ts';
import { epochSchema } from '#shared/identifiers.ts';

const file = '/demo/environment.yaml';
const later = epochSchema.parse('1123456789abcdef');

async function fed() {
  const link = new FakeLink();
  const environments = new FedEnvironments({ open: async () => ({ link }) as unknown as OpenEnvironment } as never, new ManualClock());
  await environments.open(file);
  const presence = (state: 'present' | 'lost', more: object = {}): void =>
    link.say({ kind: 'presence', daemon, state, epoch, clockOffset: 0, ...more });
  const told = () =>
    environments
      .feedOf(link)
      .events.from(0, 100)
      .events.flatMap(({ event }) => (event.kind === 'notice' ? [[event.severity, event.code]] : []));
  presence('present');
  return { environments, presence, told };
}

test('a daemon that nobody stopped is lost, and back', async () => {
  const { environments, presence, told } = await fed();
  environments.expectEnd('/another/environment.yaml');
  presence('lost', { lastSign: 1 });
  presence('present', { lastSign: 1, states: [] });
  expect(told()).toEqual([
    ['error', 'daemon-lost'],
    ['warning', 'daemon-back'],
  ]);
});

test('one that goes with its environment is no error, nor that it comes back; later it may be lost', async () => {
  const { environments, presence, told } = await fed();
  environments.expectEnd(file);
  presence('lost', { lastSign: 1 });
  presence('present', { lastSign: 1, epoch: later, states: [] });
  presence('lost', { lastSign: 2, epoch: later });
  expect(told()).toEqual([
    ['info', 'daemon-stopped'],
    ['info', 'daemon-back'],
    ['error', 'daemon-lost'],
  ]);
});

/**
 * Damaged messages, sent by somebody who may speak as a daemon: the link stands, its memory stays
 * bounded, and what the true daemons say meanwhile arrives.
 */
import { describe, expect, test, vi } from 'vitest';
import { cases } from '../../../thoroughness.ts';
import { connectToRouter } from '#network/bus/connect.ts';
import { startRouter } from '#network/router/router.ts';
import { encodeSampleFrame } from '#shared/protocol/sample-frame.ts';
import { subject } from '#shared/protocol/subjects.ts';
import { environment, FakeDaemon } from './fake-daemon.ts';
import { hear, linkTo } from './linked.ts';
import { randomFrom } from '../../../repeatable-random.ts';

const messages = cases(100_000, 20_000);

function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const pick = (limit: number): number => Math.floor(random() * limit);
  switch (pick(5)) {
    case 0:
      return copy.subarray(0, pick(copy.length));
    case 1:
      return Uint8Array.of(...copy, ...copy.subarray(0, pick(64)));
    case 2: {
      // Another digit for a digit: still JSON, but another number.
      const digits = [...copy.keys()].filter((index) => (copy[index] ?? 0) >= 48 && (copy[index] ?? 0) <= 57);
      for (let count = 0; count < 3 && digits.length > 0; count++) copy[digits[pick(digits.length)] ?? 0] = 48 + pick(10);
      return copy;
    }
    default:
      for (let count = 1 + pick(4); count > 0; count--) copy[pick(copy.length)] = pick(256);
      return copy;
  }
}

describe('link under damaged messages', () => {
  test('it stands, and the true records arrive', { timeout: 60_000 }, async () => {
    const router = await startRouter({ port: 0 });
    const [mep, mon] = [
      await FakeDaemon.start({ url: router.url, name: 'MEP', components: ['Engine'] }),
      await FakeDaemon.start({ url: router.url, name: 'MON' }),
    ];
    const link = await linkTo(router.url, ['MEP', 'MON'], { heldBytes: 8 * 1024 * 1024, staleAfter: 60_000 });
    const heard = hear(link);
    const forger = await connectToRouter({ url: router.url, name: 'forger' });
    try {
      await link.ready([mep.name, mon.name], 5_000);
      const [rss] = mep.declare('Engine', 'rss');
      const told = [mep.sequence];
      const seeds = {
        samples: encodeSampleFrame({
          kind: 'pairs',
          epoch: mep.epoch,
          sequence: 2,
          time: 1,
          values: Float64Array.of(1, 2),
          series: Uint32Array.of(0, 1),
        }),
        events: new TextEncoder().encode(
          JSON.stringify({ epoch: mep.epoch, sequence: 2, events: [{ kind: 'notice', time: 1, severity: 'info', code: 'c', text: 't' }] }),
        ),
        presence: new TextEncoder().encode(
          JSON.stringify({
            daemon: 'MEP',
            epoch: mep.epoch,
            bootNonce: mep.bootNonce,
            configurationHash: 'a'.repeat(64),
            time: 1,
            sequence: 2,
            oldest: 1,
            interval: 0.05,
          }),
        ),
        catalogue: new TextEncoder().encode(JSON.stringify(mep.catalogue())),
      };
      const kinds = ['samples', 'events', 'presence', 'catalogue'] as const;
      const random = randomFrom(20_261_120);
      for (let count = 0; count < messages; count++) {
        const kind = kinds[Math.floor(random() ** 2 * kinds.length)] ?? 'samples';
        forger.publish(subject(environment, kind, mep.name), mutated(seeds[kind], random));
        if (count % 1_000 === 0) told.push(mon.notice(`true ${count}`));
        if (count % 2_000 === 0) await forger.flush();
      }
      await forger.flush();
      await vi.waitFor(() => expect(heard.numbers('MON')).toHaveLength(mon.sequence), { timeout: 20_000 });
      expect(heard.numbers('MON')).toEqual(Array.from({ length: mon.sequence }, (_, index) => index + 1));
      expect(told).toHaveLength(1 + messages / 1_000);
      // Damaged numbers may have pushed genuine ones aside while they came; afterwards the daemon is heard again.
      await vi.waitFor(
        () => {
          mep.pairs([[rss?.id ?? 0, 4_711]]);
          expect(link.reading('Engine.rss')).toBe(4_711);
        },
        { timeout: 20_000, interval: 50 },
      );
      const problems = heard.of('problem');
      expect(problems.length).toBeGreaterThan(3);
      expect(problems.length).toBeLessThan(2_000);
      expect(problems.filter(({ problem }) => problem.code === 'link-failure' || problem.code === 'unexpected')).toEqual([]);
      globalThis.gc?.();
      expect(process.memoryUsage().heapUsed).toBeLessThan(400 * 1024 * 1024);
    } finally {
      await forger.close();
      await link.dispose();
      await mep.stop();
      await mon.stop();
      await router.close();
    }
  });
});

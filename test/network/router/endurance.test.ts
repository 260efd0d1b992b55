/** What happens when a router goes away, and when a client does not take its messages; the same for both routers. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import { people, targets, until } from './targets.ts';
import type { Target } from './targets.ts';
import { freePort } from '#platform/free-port.ts';

describe.each(targets)('endurance with the $name', (kind) => {
  let target: Target | undefined;
  afterEach(async () => {
    await target?.close();
    target = undefined;
  });

  test.each(['TCP', 'WebSocket'])(
    'restores connections over %s and their subscriptions after a restart on the same port',
    async (carrier) => {
      const { alice, mep, users } = people();
      const first = await kind.start({ users });
      const login = carrier === 'TCP' ? {} : { url: first.webSocketUrl };
      const [operator, daemon] = [await first.connect({ ...alice.login }), await first.connect({ ...mep.login, ...login })];
      daemon.subscribe('testops.demo.describe.MEP', { callback: (_error, message) => void message.respond('here') });
      await daemon.flush();
      for (let round = 0; round < 3; round++) {
        await first.stop();
        const { webSocketUrl } = first;
        target = await kind.start({ users, port: first.port, webSocketPort: Number(new URL(webSocketUrl).port) });
        await until(async () => {
          const answer = await operator.request('testops.demo.describe.MEP', '', { timeout: 500 }).catch(() => undefined);
          return answer?.string() === 'here';
        });
        if (round < 2) await target.stop();
      }
      expect(operator.isClosed()).toBe(false);
      await operator.close();
      await daemon.close();
    },
  );

  test('waits for a router that does not run yet, and says so once', async () => {
    const port = await freePort();
    const told: string[] = [];
    const connecting = connectToRouter({
      url: `nats://127.0.0.1:${port}`,
      name: 'early',
      waitOnFirstConnect: true,
      reconnectWait: 20,
      onWaiting: (problem) => void told.push(problem.code),
    });
    await wait(150);
    target = await kind.start({ port });
    const connection = await connecting;
    expect(await connection.rtt()).toBeGreaterThanOrEqual(0);
    expect(told).toEqual(['router-unreachable']);
    await connection.close();
  });

  test('cuts off a client that takes nothing, without losing a message of the others', async () => {
    target = await kind.start({ limits: { maximumPending: 2 * 1_048_576 } });
    const slow = await target.raw();
    slow.connect();
    slow.send('SUB flood 1\r\n');
    await slow.settle();
    slow.socket.pause();
    const healthy = await target.connect();
    let count = 0;
    healthy.subscribe('flood', { callback: () => void count++ });
    await healthy.flush();
    const sender = await target.connect();
    const payload = new Uint8Array(64_000);
    const total = 600;
    for (let index = 0; index < total; index++) {
      sender.publish('flood', payload);
      if (index % 10 === 9) await sender.flush();
    }
    await until(() => count === total);
    slow.socket.resume();
    await slow.closed(10_000);
    // What the slow client got is less than what was sent: the rest was given up, not kept.
    expect(slow.received.length).toBeLessThan(total * payload.length);
    expect(await healthy.rtt()).toBeGreaterThanOrEqual(0);
  });
});

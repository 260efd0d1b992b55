/** The one decision over servers, serial and parallel ones, and why something waits. */
import { describe, expect, test } from 'vitest';
import { needsHelp } from '#shared/campaign/scheduling/refusals.ts';
import { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import { offerOf, suitePlan } from '../made-campaign.ts';
import { Desk } from './desk.ts';

describe('why something waits', () => {
  test('is told as how many go before it', () => {
    const desk = new Desk();
    const campaign = desk.campaign(Array.from({ length: 9 }, (_, index) => ({ expected: 100 - index })));
    expect(desk.why(campaign, 8)).toBe('there is no worker');
    desk.scheduler.meet(offerOf('w'));
    expect(desk.why(campaign, 8)).toBe('8 units ahead');
    expect(desk.why(campaign, 0)).toBeNull();
    desk.ask('w');
    expect(desk.why(campaign, 0)).toBe('worker w executes it');
    expect(desk.why(campaign, 8)).toBe('worker w is full: 1 of 1 taken, needs 1');
  });

  test('names what no worker has', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}], { suites: [suitePlan('s', { labels: ['gpu'] })] });
    desk.scheduler.meet(offerOf('w'));
    desk.scheduler.meet(offerOf('v', { adapters: [] }));
    expect(desk.why(campaign, 0)).toBe('no worker has label gpu');
  });

  test('names the servers', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}, {}], { suites: [suitePlan('s', { usesServer: true })], servers: { a: 1, b: 1 } });
    for (const server of ['a', 'b']) campaign.server(server, 'waiting');
    desk.scheduler.meet(offerOf('w', { slots: 9 }));
    expect(desk.why(campaign, 0)).toBe('none of the servers a and b is ready');
    expect(needsHelp(desk.scheduler.admit(campaign.state, 0, null, 0)!)).toBe(false);
    campaign.server('b', 'out');
    campaign.server('a', 'ready');
    expect(desk.ask('w', { slots: 9 })).toEqual(['0@a']);
    expect(desk.why(campaign, 1)).toBe('server a is full: 1 of 1 taken, needs 1');
    campaign.server('a', 'out');
    expect(needsHelp(desk.scheduler.admit(campaign.state, 1, null, 0)!)).toBe(true);
  });
});

describe('servers', () => {
  const wishes = { suites: [suitePlan('s', { usesServer: true })], servers: { a: 4 } };

  test('execute a serial unit alone', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ serial: true, expected: 1_000 }, { expected: 10 }, { expected: 10 }], wishes);
    expect(desk.ask('w', { slots: 8 })).toEqual(['0@a']);
    expect(desk.why(campaign, 1)).toBe('server a executes its serial units');
    desk.end(campaign, 0);
    expect(desk.ask('w', { slots: 8 })).toEqual(['1@a', '2@a']);
  });

  test('that execute parallel units end these before a serial one begins', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ expected: 10 }, { expected: 10 }], wishes);
    expect(desk.ask('w', { slots: 8 })).toEqual(['0@a', '1@a']);
    campaign.plan([{ serial: true, expected: 10 }, { expected: 10 }]);
    expect(desk.ask('w', { slots: 8 })).toEqual([]);
    expect(desk.why(campaign, 2)).toBe('server a executes parallel units, and it needs a server for itself');
    desk.end(campaign, 0);
    desk.end(campaign, 1);
    expect(desk.ask('w', { slots: 8 })).toEqual(['2@a']);
  });

  test('that die give their tests back, and the split is computed anew for the others', () => {
    const desk = new Desk();
    const units = [
      ...Array.from({ length: 8 }, () => ({ serial: true, expected: 1_000 })),
      ...Array.from({ length: 8 }, () => ({ expected: 1_000 })),
    ];
    const campaign = desk.campaign(units, { suites: wishes.suites, servers: { a: 2, b: 2 } });
    const began = desk.ask('w', { slots: 9 });
    const serialServer = began.find((each) => each.startsWith('0@'))!.slice(2);
    campaign.server(serialServer, 'lost');
    for (const lease of campaign.state.leases.values()) {
      if (lease.server === serialServer) campaign.settle(lease.fence, 'server-lost', []);
    }
    expect(campaign.state.units.stateOf(0)).toBe('waiting');
    desk.scheduler.meet(offerOf('v', { slots: 9 }));
    for (let round = 0; round < 40 && !campaign.state.isExhausted; round += 1) {
      for (const lease of campaign.state.leases.values()) desk.end(campaign, lease.unit);
      for (const worker of ['v', 'w']) for (const each of desk.ask(worker, { slots: 9 })) expect(each).not.toContain(`@${serialServer}`);
    }
    expect(campaign.state.totals().results.passed).toBe(16);
  });

  test('are as many serial as it takes, anew when one dies', () => {
    const desk = new Desk();
    const units = [
      ...Array.from({ length: 40 }, () => ({ serial: true, expected: 1_000 })),
      ...Array.from({ length: 80 }, () => ({ expected: 1_000 })),
    ];
    const campaign = desk.campaign(units, { suites: wishes.suites, servers: { a: 2, b: 2, c: 2, d: 2 } });
    desk.scheduler.meet(offerOf('w', { slots: 8 }));
    desk.ask('w', { slots: 8 });
    const serial = (): string[] => [...campaign.state.servers.values()].filter(({ mode }) => mode === 'serial').map(({ server }) => server);
    expect(serial()).toHaveLength(2);
    const [dead] = serial();
    campaign.server(dead!, 'lost');
    for (const { fence, server } of campaign.state.leases.values()) if (server === dead) campaign.settle(fence, 'server-lost');
    desk.ask('w', { slots: 8 });
    expect(serial().filter((server) => server !== dead)).toHaveLength(2);
  });

  test('of each campaign execute its serial units, whatever another one needs', () => {
    const desk = new Desk();
    desk.campaign([{ serial: true, expected: 10 }], { name: 'one', suites: wishes.suites, servers: { a: 4 } });
    desk.campaign([{ serial: true, expected: 10 }, { expected: 90_000 }], { name: 'two', suites: wishes.suites, servers: { b: 4 } });
    const began = desk.ask('w', { slots: 8 });
    expect(began).toContain('0/0@a');
    expect(began).toContain('1/0@b');
  });

  test('stay as they were when another coordinator takes over', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ serial: true, expected: 1_000 }, { serial: true, expected: 900 }, { expected: 1 }], wishes);
    desk.ask('w', { slots: 8 });
    const next = new Scheduler();
    next.attach(campaign.state);
    expect(next.next(offerOf('v', { slots: 8 }), 0).assignments).toEqual([]);
    desk.end(campaign, 0);
    expect(next.next(offerOf('v', { slots: 8 }), 0).assignments.map(({ unit, attempt }) => [unit, attempt])).toEqual([[1, 1]]);
  });
});

/** The link against a real router (nats-server) and scripted daemons. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Link } from '#main/core/ports.ts';
import { daemonName, FakeDaemon, newEpoch, type FakeDaemonOptions } from './fake-daemon.ts';
import { hear, linkTo } from './linked.ts';
import { startNatsServer, withoutNatsServer, type TestRouter } from './nats-server.ts';

const upTo = (last: number, from = 1): number[] => Array.from({ length: last - from + 1 }, (_, index) => from + index);

describe.skipIf(withoutNatsServer)('link', () => {
  let router: TestRouter;
  const open: { stop?(): Promise<void>; dispose?(): void | Promise<void> }[] = [];
  beforeAll(async () => {
    router = await startNatsServer();
  });
  afterAll(() => router.kill());
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await (each.stop?.() ?? each.dispose?.());
  });

  const daemon = async (name: string, options: Partial<FakeDaemonOptions> = {}): Promise<FakeDaemon> => {
    const started = await FakeDaemon.start({ url: router.url, name, ...options });
    open.push(started);
    return started;
  };
  const link = async (...options: Parameters<typeof linkTo> extends [string, ...infer Rest] ? Rest : never): Promise<Link> => {
    const opened = await linkTo(router.url, ...options);
    open.push(opened);
    return opened;
  };
  const settled = (check: () => void, timeout = 5_000): Promise<void> => vi.waitFor(check, { timeout, interval: 10 });

  describe('catalogue and presence', () => {
    test('asks expected daemons for their catalogues, and says which do not answer', async () => {
      await daemon('MEP', { components: ['MatchingEnginePrimary'] });
      const console = await link(['MEP', 'MON']);
      const { missing } = await console.ready([daemonName('MEP'), daemonName('MON')], 300);
      expect(missing).toEqual(['MON']);
      const views = console.daemons();
      expect(views.find((each) => each.daemon === 'MEP')?.catalogue?.components[0]?.name).toBe('MatchingEnginePrimary');
      expect(views.find((each) => each.daemon === 'MON')).toMatchObject({ state: 'never seen', silence: null, catalogue: null });
    });

    test('notices a daemon that nobody expected', async () => {
      const console = await link();
      const heard = hear(console);
      await daemon('MON');
      await settled(() => expect(heard.of('catalogue')).toHaveLength(1));
      expect(heard.of('presence')[0]).toMatchObject({ daemon: 'MON', state: 'present' });
    });

    test('a daemon silent for three intervals is lost, and comes back', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      const heard = hear(console);
      await settled(() => expect(console.daemons()[0]?.clockOffset).not.toBeNull());
      mep.deaf = true;
      await settled(() => expect(console.daemons()[0]?.state).toBe('lost'));
      mep.deaf = false;
      await settled(() => expect(console.daemons()[0]?.state).toBe('present'));
      expect(
        heard
          .of('presence')
          .map((each) => each.state)
          .slice(-2),
      ).toEqual(['lost', 'present']);
    });

    test('estimates by how much the clock of a daemon is ahead', async () => {
      await daemon('MEP', { clockAhead: 3_600_000 });
      const console = await link(['MEP']);
      await settled(() => expect(console.daemons()[0]?.clockOffset).not.toBeNull());
      const offset = console.daemons()[0]?.clockOffset ?? 0;
      expect(Math.abs(offset - 3_600_000)).toBeLessThan(1_000);
    });

    test('the first of two daemons that report a component counts, and the problem is told', async () => {
      const first = await daemon('MEP', { components: ['Engine'] });
      first.states = [{ component: 'Engine' as never, state: 'READY', pid: 1, since: 0 }];
      const console = await link(['MEP']);
      await console.ready([daemonName('MEP')], 2_000);
      const heard = hear(console);
      const second = await daemon('MON', { components: ['Engine'] });
      second.states = [{ component: 'Engine' as never, state: 'STOPPED', pid: 1, since: 0 }];
      await settled(() => expect(heard.of('problem').map((each) => each.problem.code)).toContain('ambiguous-component'));
      expect(console.reading('Engine.STATE')).toBe('READY');
    });
  });

  describe('records', () => {
    test('a joiner starts after the catalogue and claims nothing earlier', async () => {
      const mep = await daemon('MEP');
      for (const each of upTo(20)) mep.notice(`before ${each}`);
      await mep.connection.flush();
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      for (const each of upTo(5)) mep.notice(`after ${each}`);
      await settled(() => expect(heard.numbers('MEP')).toEqual(upTo(25, 21)));
      expect(heard.of('gap')).toEqual([]);
      expect(mep.spoolRequests).toEqual([]);
    });

    test('a daemon that is started while the link is open is heard from its first record', async () => {
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([daemonName('MEP')], 200);
      const mep = await daemon('MEP', { presenceInterval: 150 });
      mep.loses = (sequence) => sequence <= 3;
      for (const each of upTo(5)) mep.notice(`record ${each}`);
      await settled(() => expect(heard.numbers('MEP')).toEqual(upTo(5)));
    });

    test('fills gaps from the spool, in order, each record once', async () => {
      const mep = await daemon('MEP', { page: 7 });
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      mep.loses = (sequence) => sequence % 5 === 2 || (sequence > 40 && sequence < 90);
      for (const each of upTo(100)) mep.notice(`record ${each}`);
      await settled(() => expect(heard.numbers('MEP')).toEqual(upTo(100)));
      const filled = heard.of('gap').filter((each) => each.state === 'filled');
      expect(filled.length).toBe(heard.of('gap').filter((each) => each.state === 'open').length);
      expect(console.daemons()[0]?.received).toMatchObject({ records: 100, recordsLost: 0, gapsFilled: filled.length });
    });

    test('a missing tail is noticed by the presence', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      mep.loses = (sequence) => sequence > 2;
      for (const each of upTo(6)) mep.notice(`record ${each}`);
      await settled(() => expect(heard.numbers('MEP')).toEqual(upTo(6)));
      expect(heard.of('gap').map(({ state, from, to }) => ({ state, from, to }))).toEqual([
        { state: 'open', from: 3, to: 6 },
        { state: 'filled', from: 3, to: 6 },
      ]);
    });

    test('what the spool has dropped is declared lost, at its place', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      mep.loses = (sequence) => sequence >= 4 && sequence <= 8;
      for (const each of upTo(10)) {
        mep.notice(`record ${each}`);
        if (each === 5 || each === 6) mep.spool.get(mep.epoch)?.delete(each);
      }
      await settled(() => expect(heard.numbers('MEP')).toEqual([1, 2, 3, 4, 7, 8, 9, 10]));
      const lost = heard.of('gap').filter((each) => each.state === 'lost');
      expect(lost.reduce((sum, each) => sum + each.to - each.from + 1, 0)).toBe(2);
      expect(lost[0]).toMatchObject({ from: 5, reason: 'Dropped from the spool.' });
      expect(console.daemons()[0]?.received.recordsLost).toBe(2);
    });

    test('a spool that never answers is given up after some attempts', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP'], { spoolSilence: 50, spoolAttempts: 2 });
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      mep.loses = (sequence) => sequence === 2;
      mep.deaf = true;
      for (const each of upTo(3)) mep.notice(`record ${each}`);
      await settled(() => expect(heard.numbers('MEP')).toEqual([1, 3]));
      expect(heard.of('gap').at(-1)).toMatchObject({ state: 'lost', from: 2, to: 2 });
    });

    test('what does not fit into memory behind a gap is asked for again', async () => {
      const mep = await daemon('MEP', { page: 50 });
      const console = await link(['MEP'], { heldBytes: 10_000 });
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      mep.loses = (sequence) => sequence === 3;
      for (const each of upTo(500)) mep.notice(`record ${each}`);
      await settled(() => expect(heard.numbers('MEP')).toEqual(upTo(500)));
    });

    test('a listener that fails keeps nobody else from hearing, and nothing back', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      console.subscribe((news) => {
        if (news.kind === 'events' && news.number % 2 === 1) throw new Error('This listener fails.');
      });
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      mep.loses = (sequence) => sequence === 2;
      for (const each of upTo(9)) mep.notice(`record ${each}`);
      await settled(() => expect(heard.numbers('MEP')).toEqual(upTo(9)));
      expect(heard.of('problem').map((each) => each.problem.message)).toEqual(['This listener fails.']);
    });

    test('every record twice and in odd order: each is told once, in order', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP'], { gapDelay: 500 });
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      mep.loses = () => true;
      for (const each of upTo(30)) mep.notice(`record ${each}`);
      const records = [...(mep.spool.get(mep.epoch)?.values() ?? [])];
      for (const record of [...records, ...records].sort((left, right) => (left.bytes[60] ?? 0) - (right.bytes[60] ?? 0)).reverse()) {
        mep.publish(record.kind, record.bytes);
      }
      await settled(() => expect(heard.numbers('MEP')).toEqual(upTo(30)));
    });

    test('a restarted daemon: the end of its old epoch is fetched, the new one is wanted from its first record', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      for (const each of upTo(5)) mep.notice(`record ${each}`);
      await settled(() => expect(heard.numbers('MEP', mep.epoch)).toEqual(upTo(5)));
      // The last words of the old epoch reach the disk, but nobody else.
      mep.loses = () => true;
      for (const each of upTo(8, 6)) mep.notice(`record ${each}`);
      mep.deaf = true;
      await mep.stop();
      const again = await daemon('MEP', { spool: mep.spool });
      again.loses = (sequence) => sequence === 1;
      for (const each of upTo(4)) again.notice(`record ${each}`);
      await settled(() => expect(heard.numbers('MEP', mep.epoch)).toEqual(upTo(8)));
      await settled(() => expect(heard.numbers('MEP', again.epoch)).toEqual(upTo(4)));
      expect(heard.of('gap').filter((each) => each.state === 'lost')).toEqual([]);
      expect(heard.of('catalogue').map((each) => each.catalogue.epoch)).toEqual([mep.epoch, again.epoch]);
    });

    test('a catalogue of an epoch that the daemon does not confirm when asked changes nothing', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      mep.notice('before');
      mep.publish('catalogue', JSON.stringify({ ...mep.catalogue(), epoch: newEpoch(), bootNonce: 'forged-nonce' }));
      mep.publish('catalogue', JSON.stringify({ ...mep.catalogue(), bootNonce: 'forged-nonce' }));
      await new Promise((resolve) => setTimeout(resolve, 400));
      mep.notice('after');
      await settled(() => expect(heard.numbers('MEP')).toEqual([1, 2]));
      expect(console.daemons()[0]?.catalogue).toMatchObject({ epoch: mep.epoch, bootNonce: mep.bootNonce });
      expect(heard.of('gap')).toEqual([]);
    });

    test('a clock set back: order is by sequence, and an epoch that sorts earlier is still the newer one', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      const [series] = mep.declare('Engine', 'latency');
      mep.pairs([[series!.id, 1]], 2_000_000);
      mep.pairs([[series!.id, 2]], 1_000_000);
      await settled(() => expect(heard.numbers('MEP')).toEqual([1, 2, 3]));
      expect(console.reading('Engine.latency')).toBe(2);
      await mep.stop();
      const again = await daemon('MEP', { spool: mep.spool, epoch: newEpoch(Date.now() - 86_400_000) });
      again.notice('from yesterday');
      await settled(() => expect(heard.numbers('MEP', again.epoch)).toEqual([1]));
      expect(console.daemons()[0]?.catalogue?.epoch).toBe(again.epoch);
    });

    test('samples of an unknown series wait for the catalogue; what it does not tell either is lost', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      // Told by the catalogue only, as if the declaring event had been damaged.
      mep.series.push({ id: 7, component: 'Engine' as never, metric: 'rss', unit: 'bytes', kind: 'gauge' });
      mep.pairs([[7, 500]]);
      mep.notice('after');
      await settled(() => expect(heard.numbers('MEP')).toEqual([1, 2]));
      expect(heard.of('samples')[0]?.series[0]?.metric).toBe('rss');
      mep.pairs([[8, 1]]);
      mep.notice('after');
      await settled(() => expect(heard.numbers('MEP')).toEqual([1, 2, 4]));
      expect(heard.of('gap').at(-1)).toMatchObject({ state: 'lost', from: 3, to: 3, reason: expect.stringContaining('which series') });
    });

    test('events of kinds that are not known are left out, the rest of the record is told', async () => {
      const mep = await daemon('MEP');
      const console = await link(['MEP']);
      const heard = hear(console);
      await console.ready([mep.name], 2_000);
      const known = { kind: 'notice', time: 1, severity: 'info', code: 'test', text: 'known' };
      mep.sequence = 1;
      mep.publish('events', JSON.stringify({ epoch: mep.epoch, sequence: 1, events: [{ kind: 'from-the-future', time: 1 }, known] }));
      await settled(() => expect(heard.of('events')[0]?.events).toEqual([known]));
      expect(heard.of('problem')[0]?.problem.code).toBe('unknown-event');
    });
  });

  describe('readings', () => {
    test('tells values and states, and their changes', async () => {
      const mep = await daemon('MEP', { components: ['Engine'] });
      mep.states = [{ component: 'Engine' as never, state: 'READY', pid: 1, since: 0 }];
      const console = await link(['MEP']);
      await console.ready([mep.name], 2_000);
      const seen: unknown[] = [];
      const names = ['Engine.STATE', 'Engine.rss', 'Engine.latency{side="buy"}'];
      const unwatch = console.watch(names, () => seen.push(names.map((name) => console.reading(name))));
      expect(names.map((name) => console.reading(name))).toEqual(['READY', null, null]);
      const [rss, latency] = mep.declare('Engine', 'rss', 'latency{side="buy"}');
      mep.declareColumns(1, [rss!, latency!]);
      mep.dense(1, Float64Array.of(500, 10));
      mep.dense(1, Float64Array.of(500, 10));
      mep.pairs([[latency!.id, 11]]);
      mep.events({ kind: 'component-crashed', time: 1, component: 'Engine' as never, pid: 1, exitStatus: null, signal: 'KILL' });
      await settled(() => expect(seen.at(-1)).toEqual(['CRASHED', null, null]));
      expect(seen).toEqual([
        ['READY', 500, 10],
        ['READY', 500, 11],
        ['CRASHED', null, null],
      ]);
      unwatch();
      mep.dense(1, Float64Array.of(1, 1));
      await settled(() => expect(console.reading('Engine.rss')).toBe(1));
      expect(seen).toHaveLength(3);
    });

    test('a value is null when it is stale, not a number, or its daemon is lost', async () => {
      const mep = await daemon('MEP', { components: ['Engine'] });
      const console = await link(['MEP'], { staleAfter: 100 });
      await console.ready([mep.name], 2_000);
      const [rss] = mep.declare('Engine', 'rss');
      const told: unknown[] = [];
      console.watch(['Engine.rss'], () => told.push(console.reading('Engine.rss')));
      mep.pairs([[rss!.id, 1]]);
      await settled(() => expect(told).toEqual([1, null]));
      mep.pairs([[rss!.id, 2]]);
      mep.pairs([[rss!.id, Number.NaN]]);
      mep.pairs([[rss!.id, 3]]);
      expect(console.whyUnknown('Engine.rss')).toBeNull();
      mep.deaf = true;
      // Told once more where the value was stale before its daemon was lost: only then is it known why.
      await settled(() => expect(console.whyUnknown('Engine.rss')).toMatch(/^the daemon MEP is lost, silent since \d\d:\d\d:\d\d\.\d+$/));
      expect(told.slice(0, 6)).toEqual([1, null, 2, null, 3, null]);
      expect(console.daemons()[0]?.state).toBe('lost');
      expect(console.whyUnknown('Nobody.rss')).toBeNull();
    });
  });
});

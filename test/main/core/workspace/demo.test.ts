/** The demo environment of a console: once for real, and its rules with an environment that starts nothing. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { collect, openConsole } from '../open-console.ts';
import { openCore } from '#main/core/core.ts';
import { DemoService } from '#main/core/workspace/demo.ts';
import type { TemplateEnvironment } from '#main/demo/template-environment.ts';
import type { Core } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const programs = { command: process.execPath, arguments: [join(project, 'main', 'cli', 'testops.ts')] };
const resources = join(project, 'resources');

let owned = new Ownership();
afterEach(async () => {
  await owned.dispose();
  owned = new Ownership();
});

test('a core without programs says that it has no demo', async () => {
  const opened = await openConsole();
  owned.own(opened.owned);
  await expect(opened.console.request('demo.start', { release: '' })).rejects.toMatchObject({ problem: { code: 'no-demo' } });
  await opened.console.request('demo.stop', {});
  expect((await opened.console.request('core.information', {})).demoReleases).toEqual([]);
});

/** Whether anything listens where the environment file says that the router is. */
async function routerAnswers(environmentFile: string): Promise<boolean> {
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await readFile(environmentFile, 'utf8'))?.[1]);
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('the demo starts, is a workspace, is live, and ends with the core; its workspace stays', { timeout: 60_000 }, async () => {
  const opened = await openConsole({ programs, resources });
  owned.own(opened.owned);
  const { console } = opened;
  const { demoReleases } = await console.request('core.information', {});
  expect(demoReleases.length).toBeGreaterThan(1);
  const both = await Promise.all([console.request('demo.start', { release: '' }), console.request('demo.start', { release: '' })]);
  const [{ folder, environmentFile, release, notices }] = both;
  expect(both[1]).toEqual(both[0]);
  expect(demoReleases).toContain(release);
  expect(notices).toEqual([]);
  const workspace = await console.request('workspace.open', { folder });
  expect(workspace.environments.map(({ file }) => file)).toEqual([environmentFile]);
  const live = collect(console, 'environment.live', { environmentFile });
  await vi.waitFor(() => expect(live.items.at(-1)?.daemons.every(({ presence }) => presence === 'present')).toBe(true), {
    timeout: 10_000,
  });
  live.close();
  expect(await routerAnswers(environmentFile)).toBe(true);
  await opened.core.dispose();
  expect(await routerAnswers(environmentFile)).toBe(false);
  expect(existsSync(join(folder, 'scenarios', 'failover.scn'))).toBe(true);
});

describe('what the user saved in the demo', { timeout: 90_000 }, () => {
  const mine = { path: 'scenarios/mine.scn', text: '# mine\nwait 1s\n' };

  test('is there after a restart with another release, and under a core that comes later', async () => {
    const opened = await openConsole({ programs, resources });
    owned.own(opened.owned);
    const { console, folder: place } = opened;
    const { folder, environmentFile } = await console.request('demo.start', { release: 'rc1' });
    await console.request('file.write', { folder, ...mine, expectedHash: null });
    await console.request('drafts.save', { folder, draft: { path: 'scenarios/failover.scn', text: 'half a thought', baseHash: null } });
    await console.request('layout.save', { folder, layout: '{"open-files":{}}' });
    await console.request('demo.stop', {});
    const again = await console.request('demo.start', { release: 'rc2' });
    expect(again).toMatchObject({ folder, environmentFile, release: 'rc2', notices: [] });
    expect(await console.request('environment.status', { environmentFile })).toMatchObject({ release: 'rc2', connected: true });
    expect(await console.request('file.read', { folder, path: mine.path })).toMatchObject({ text: mine.text });

    await opened.core.dispose();
    const later = await openCore({ archiveFolder: join(place, 'archive'), home: join(place, 'home'), programs, resources });
    owned.own(later);
    expect(await later.request('demo.start', { release: 'rc1' })).toMatchObject({ folder, environmentFile, notices: [] });
    expect(await later.request('file.read', { folder, path: mine.path })).toMatchObject({ text: mine.text });
    expect(await later.request('drafts.list', { folder })).toMatchObject({ drafts: [{ text: 'half a thought' }] });
    expect(await later.request('layout.load', { folder })).toEqual({ layout: '{"open-files":{}}' });
  });

  test('is listed before a reset, and set aside by it', async () => {
    const opened = await openConsole({ programs, resources });
    owned.own(opened.owned);
    const { console } = opened;
    const { folder } = await console.request('demo.start', { release: 'rc1' });
    const read = async (path: string) => console.request('file.read', { folder, path });
    await console.request('file.write', { folder, ...mine, expectedHash: null });
    const failover = await read('scenarios/failover.scn');
    await console.request('file.write', { folder, path: 'scenarios/failover.scn', text: '# other\n', expectedHash: failover.hash });
    const check = await read('scenarios/release-check.scn');
    await console.request('file.delete', { folder, path: 'scenarios/release-check.scn', expectedHash: check.hash });
    expect(await console.request('demo.workspace', {})).toEqual({
      folder,
      changes: [
        { path: 'scenarios/failover.scn', kind: 'changed' },
        { path: mine.path, kind: 'added' },
        { path: 'scenarios/release-check.scn', kind: 'deleted' },
      ],
    });
    const { aside } = await console.request('demo.reset', {});
    expect(aside).toMatch(/exchange-before-\d{4}-/);
    expect(await readFile(join(aside ?? '', mine.path), 'utf8')).toBe(mine.text);
    expect(await console.request('demo.start', { release: 'rc1' })).toMatchObject({ folder });
    expect((await read('scenarios/failover.scn')).text).toBe(failover.text);
    expect((await read('scenarios/release-check.scn')).text).toBe(check.text);
    await expect(read(mine.path)).rejects.toMatchObject({ problem: { code: 'missing-file' } });
    expect(await console.request('demo.workspace', {})).toEqual({ folder, changes: [] });
  });

  test('is kept apart from what another console does meanwhile', async () => {
    const opened = await openConsole({ programs, resources });
    owned.own(opened.owned);
    const other = await openCore({ archiveFolder: join(opened.folder, 'other'), home: join(opened.folder, 'home'), programs, resources });
    owned.own(other);
    const first = await opened.console.request('demo.start', { release: 'rc1' });
    const second = await other.request('demo.start', { release: 'rc2' });
    expect(second.folder).toBe(`${first.folder}-2`);
    expect(second.notices).toMatchObject([{ code: 'demo-in-use', message: expect.stringContaining(first.folder) as string }]);
    const status = (core: Core, { environmentFile }: { environmentFile: string }) =>
      core.request('environment.status', { environmentFile });
    expect(await status(opened.console, first)).toMatchObject({ release: 'rc1' });
    expect(await status(other, second)).toMatchObject({ release: 'rc2' });
  });
});

describe('one demo at a time', () => {
  const events: string[] = [];
  const ending: unknown[] = [];
  const workspace = (release: string) => ({ folder: '/demo', environmentFile: '/demo/environment.yaml', release, notices: [] });
  const service = (startComponents: TemplateEnvironment['startComponents'] = async () => undefined) =>
    new DemoService({
      programs,
      resources,
      home: '/home-of-nobody',
      now: Date.now,
      core: () => ({ request: async () => ({}) }) as unknown as Core,
      started: () => void events.push('ready'),
      ending: (environmentFile) => void ending.push([environmentFile, events.at(-1)]),
      open: async ({ release = 'first' }) => {
        events.push(`open ${release}`);
        const made = { workspace: workspace(release), startComponents, dispose: async () => void events.push(`end ${release}`) };
        return made as unknown as TemplateEnvironment;
      },
    });
  const caller = { operator: null, console: 'c' };
  const start = (demo: DemoService, release = '') => demo.methods['demo.start']({ release }, caller);
  const stop = (demo: DemoService) => demo.methods['demo.stop']({}, caller);
  afterEach(() => {
    events.splice(0);
    ending.splice(0);
  });

  test('that it is taken down is told before it is', async () => {
    const demo = service();
    await start(demo);
    await stop(demo);
    expect(ending).toEqual([['/demo/environment.yaml', 'ready']]);
    expect(events.at(-1)).toBe('end first');
    await demo.dispose();
  });

  test('another release needs a stop first', async () => {
    const demo = service();
    expect(await start(demo, 'rc1')).toMatchObject({ release: 'rc1' });
    expect(await start(demo)).toMatchObject({ release: 'rc1' });
    await expect(start(demo, 'rc2')).rejects.toMatchObject({ problem: { code: 'demo-running' } });
    await stop(demo);
    expect(await start(demo, 'rc2')).toMatchObject({ release: 'rc2' });
    await demo.dispose();
    expect(events).toEqual(['open rc1', 'ready', 'end rc1', 'open rc2', 'ready', 'end rc2']);
  });

  test('one that does not start is taken down, and can be tried again', async () => {
    let attempts = 0;
    const demo = service(async () => {
      attempts++;
      if (attempts === 1) throw new Error('the engine did not start');
    });
    await expect(start(demo)).rejects.toThrow('did not start');
    expect(await start(demo)).toMatchObject({ release: 'first' });
    await demo.dispose();
    // Only one that is ready to run is told.
    expect(events).toEqual(['open first', 'end first', 'open first', 'ready', 'end first']);
  });

  test('its workspace is told before it is ready, to whoever does not want to wait', async () => {
    const ready = Promise.withResolvers<void>();
    const demo = service(() => ready.promise);
    const early = () => demo.methods['demo.start']({ release: '', ready: false }, caller);
    const [first, second] = await Promise.all([early(), early()]);
    expect([first, second]).toEqual([workspace('first'), workspace('first')]);
    expect(events).toEqual(['open first']);
    const whole = start(demo);
    ready.resolve();
    expect(await whole).toEqual(first);
    await demo.dispose();
    expect(events).toEqual(['open first', 'ready', 'end first']);
  });

  test('one that is stopped before its workspace is there says so to both', async () => {
    const demo = service(async (_, signal) => signal.throwIfAborted());
    const asked = Promise.allSettled([demo.methods['demo.start']({ release: '', ready: false }, caller), start(demo)]);
    await stop(demo);
    for (const each of await asked) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ problem: { code: 'demo-stopped' } });
    }
    expect((await asked)[1]?.status).toBe('rejected');
  });

  test('one that is stopped while it starts says so', async () => {
    const demo = service(
      (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    );
    const starting = Promise.allSettled([start(demo)]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await stop(demo);
    expect(await starting).toMatchObject([{ status: 'rejected', reason: { problem: { code: 'demo-stopped' } } }]);
    expect(events).toEqual(['open first', 'end first']);
  });
});

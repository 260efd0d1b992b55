/** The demo environment of a console: once for real, and its rules with an environment that starts nothing. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { collect, openConsole } from './open-console.ts';
import { DemoService } from '#main/core/console/demo-service.ts';
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

test('the demo starts, is a workspace, is live, and leaves nothing behind', { timeout: 60_000 }, async () => {
  const opened = await openConsole({ programs, resources });
  owned.own(opened.owned);
  const { console } = opened;
  const { demoReleases } = await console.request('core.information', {});
  expect(demoReleases.length).toBeGreaterThan(1);
  const both = await Promise.all([console.request('demo.start', { release: '' }), console.request('demo.start', { release: '' })]);
  const [{ folder, environmentFile, release }] = both;
  expect(both[1]).toEqual(both[0]);
  expect(demoReleases).toContain(release);
  const workspace = await console.request('workspace.open', { folder });
  expect(workspace.environments.map(({ file }) => file)).toEqual([environmentFile]);
  const live = collect(console, 'environment.live', { environmentFile });
  await vi.waitFor(() => expect(live.items.at(-1)?.daemons.every(({ presence }) => presence === 'present')).toBe(true), {
    timeout: 10_000,
  });
  live.close();
  await opened.core.dispose();
  expect(existsSync(folder)).toBe(false);
});

describe('one demo at a time', () => {
  const events: string[] = [];
  const workspace = (release: string) => ({ folder: '/demo', environmentFile: '/demo/environment.yaml', release });
  const service = (startComponents: TemplateEnvironment['startComponents'] = async () => undefined) =>
    new DemoService({
      programs,
      resources,
      core: () => ({}) as Core,
      started: () => void events.push('ready'),
      open: async ({ release = 'first' }) => {
        events.push(`open ${release}`);
        const made = { workspace: workspace(release), startComponents, dispose: async () => void events.push(`end ${release}`) };
        return made as unknown as TemplateEnvironment;
      },
    });
  const caller = { operator: null, console: 'c' };
  const start = (demo: DemoService, release = '') => demo.methods['demo.start']({ release }, caller);
  const stop = (demo: DemoService) => demo.methods['demo.stop']({}, caller);
  afterEach(() => void events.splice(0));

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

/** What a core tells monitoring systems, on a real router with a scripted daemon. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { componentName } from '../link/fake-daemon.ts';
import { openScripted, type Scripted } from '../environments/scripted-environment.ts';
import { readOpenMetrics, type ReadFamily } from '../reports/read-openmetrics.ts';

let scripted: Scripted;
beforeEach(async () => {
  scripted = await openScripted({ clockAhead: 2_000 });
});
afterEach(() => scripted.owned.dispose());

const patient = { timeout: 8_000 };

async function scrape(environmentFiles: readonly string[] = [scripted.environmentFile]): Promise<Map<string, ReadFamily>> {
  const { text } = await scripted.console.request('core.metrics', { environmentFiles: [...environmentFiles] });
  return readOpenMetrics(text);
}

test('a core without any environment tells of itself', async () => {
  const families = await scrape([]);
  expect(families.get('testops_core')?.samples[0]?.labels).toMatchObject({ node: process.version });
  expect(families.get('testops_core_heap_used_bytes')?.samples[0]?.value).toBeGreaterThan(1e6);
  expect(families.get('testops_core_archive_disk_free_bytes')?.samples[0]?.value).toBeGreaterThan(0);
  expect(families.get('testops_core_runs_active')?.samples[0]?.value).toBe(0);
  expect([...families.keys()].filter((name) => !name.startsWith('testops_core'))).toEqual([]);
  // The event loop is watched from the first scrape on.
  expect((await scrape([])).get('testops_core_event_loop_lag_seconds')?.samples.map(({ labels }) => labels['quantile'])).toEqual([
    '0.5',
    '0.99',
    '1',
  ]);
});

test('a named environment is kept open, with its daemons, states and latest values', async () => {
  const { daemon } = scripted;
  await scrape();
  await vi.waitFor(async () => expect((await scrape()).get('testops_daemon_presence')).toBeDefined(), patient);
  const [rss, cpu] = daemon.declare('Engine', 'rss', 'orders_total{side="buy"}');
  daemon.pairs([
    [rss!.id, 42],
    [cpu!.id, 7],
  ]);
  daemon.events({ kind: 'state', time: daemon.now(), component: componentName('Engine'), state: 'READY', previous: null });
  await vi.waitFor(async () => {
    const families = await scrape();
    const rssFamily = [...families.values()].find(({ name }) => name.startsWith('testops_rss'));
    expect(rssFamily?.samples).toMatchObject([{ value: 42, labels: { environment: 'TEST', component: 'Engine', daemon: 'MEP' } }]);
    const states = families.get('testops_component_state')?.samples ?? [];
    const holding = states.filter(({ value }) => value === 1).map(({ labels }) => labels['testops_component_state']);
    expect(holding).toEqual(['READY']);
    expect(states.length).toBeGreaterThanOrEqual(5);
  }, patient);
  // The clock is known when the daemon was heard a few times.
  await vi.waitFor(async () => {
    const families = await scrape();
    expect(families.get('testops_environment')?.samples[0]?.labels).toMatchObject({ environment: 'TEST', release: 'rc1' });
    expect(families.get('testops_environment_connected')?.samples[0]?.value).toBe(1);
    expect(families.get('testops_daemon_clock_offset_seconds')?.samples[0]?.value).toBeCloseTo(2, 0);
    expect(families.get('testops_daemon_samples')?.samples[0]?.value).toBeGreaterThan(0);
  }, patient);
});

test('a router that is gone is told as such, and no value of before counts as of now', async () => {
  const { daemon } = scripted;
  await scrape();
  const [rss] = daemon.declare('Engine', 'rss');
  await vi.waitFor(async () => {
    daemon.pairs([[rss!.id, 42]]);
    expect([...(await scrape()).keys()].some((name) => name.startsWith('testops_rss'))).toBe(true);
  }, patient);
  await scripted.stopRouter();
  await vi.waitFor(
    async () => {
      const families = await scrape();
      expect(families.get('testops_environment_connected')?.samples[0]?.value).toBe(0);
      expect([...families.keys()].filter((name) => name.startsWith('testops_rss'))).toEqual([]);
    },
    { timeout: 15_000 },
  );
});

test('an environment that cannot be opened keeps nobody from the rest', async () => {
  const families = await scrape([`${scripted.folder}/nowhere.yaml`]);
  expect(families.has('testops_core_uptime_seconds')).toBe(true);
});

/** Debian's Prometheus as a team has it: it scrapes a served core of the demo exchange, and takes in an archived run. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RunQueries } from '#main/core/archive/queries.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { root, startCommand, type Started } from './console-command.ts';
import { openDemoExchange, type DemoExchange } from './demo-exchange.ts';
import { prometheusMissing, startPrometheus, type PrometheusServer } from './prometheus-server.ts';

const missing = prometheusMissing();
if (missing !== null) process.stdout.write(`Prometheus is not tested, ${missing}.\n`);
const program = join(root, 'main', 'cli', 'testops.ts');
const token = 'scrape-me-'.repeat(4);

describe.skipIf(missing !== null)('Prometheus', { timeout: 60_000 }, () => {
  let folder: string;
  let exchange: DemoExchange;
  const disposals: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-prometheus-'));
    exchange = await openDemoExchange(join(folder, 'archive'), program);
  });
  afterAll(async () => {
    for (const dispose of disposals.reverse()) await dispose();
    await exchange.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A served core with its metrics, and Prometheus that scrapes it every second. */
  async function scraped(): Promise<{ served: Started; prometheus: PrometheusServer }> {
    const tokenFile = join(folder, 'tokens');
    await writeFile(tokenFile, `prometheus ${token}\n`, { mode: 0o600 });
    const scrapeFile = join(folder, 'scrape-token');
    await writeFile(scrapeFile, token, { mode: 0o600 });
    const options = ['--metrics', '0', '--metrics-token-file', tokenFile, '--metrics-environment', exchange.environmentFile];
    const served = startCommand(['serve', '--listen', '127.0.0.1:0', '--token-file', tokenFile, ...options], {
      archive: join(folder, 'archive'),
      program,
    });
    disposals.push(async () => {
      served.process.kill('SIGINT');
      await served.ended;
    });
    await served.printed('Metrics for Prometheus');
    const target = /Metrics for Prometheus: http:\/\/(\S+)\/metrics/.exec(served.output())?.[1] ?? '';
    const prometheus = await startPrometheus({ folder, data: join(folder, 'scraped'), scrape: { target, tokenFile: scrapeFile } });
    disposals.push(() => prometheus.dispose());
    return { served, prometheus };
  }

  test('scrapes a served core; every query of the Grafana dashboard names what is there, and has an answer', async () => {
    const { served, prometheus } = await scraped();
    const environment = 'environment="demo"';
    await vi.waitFor(
      async () => {
        expect(await prometheus.query('up'), served.errors()).toMatchObject([{ value: [expect.any(Number), '1'] }]);
        expect(await prometheus.query(`testops_component_state{component="MatchingEnginePrimary", ${environment}} == 1`)).toHaveLength(1);
        const [memory] = await prometheus.query(`testops_rss_bytes{component="MatchingEnginePrimary", ${environment}}`);
        expect(Number(memory?.value?.[1])).toBeGreaterThan(10_000_000);
        // Rates need two scrapes.
        expect(await prometheus.query('rate(testops_daemon_samples_total[10s])')).not.toHaveLength(0);
        expect(await prometheus.query('testops_core_event_loop_lag_seconds')).not.toHaveLength(0);
      },
      { timeout: 30_000, interval: 500 },
    );

    const names = new Set(await prometheus.names());
    const { queries, variables } = dashboard();
    expect(queries.length).toBeGreaterThan(20);
    const unknown = [...queries, ...variables].flatMap(namesIn).filter((name) => !names.has(name));
    expect(unknown).toEqual([]);
    const silent: string[] = [];
    for (const query of queries) if ((await prometheus.query(filled(query))).length === 0) silent.push(query);
    expect(silent).toEqual([]);
  });

  test('takes in an archived run with its times, the same values as the archive has', async () => {
    const written = await exchange.run(
      exchange.scenario('measured', 'wait 2s\nkill -9 MatchingEnginePrimary\nwait 1s\necho PASS\n'),
      '--release',
      'rc1',
    );
    expect(written.status, written.errors).toBe(0);
    const archive = join(folder, 'archive');
    const run = runIdSchema.parse(/archive\/(\S+-measured-[0-9a-f]+)/.exec(written.output)?.[1]);
    const file = join(folder, 'run.txt');
    const reported = await exchange.command(['report', run, '--format', 'openmetrics', '--output', file]);
    expect(reported.status, reported.errors).toBe(0);
    const data = join(folder, 'backfilled');
    await promisify(execFile)('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, data]);
    const prometheus = await startPrometheus({ folder, data, scrape: null });
    disposals.push(() => prometheus.dispose());
    const wanted = await archived(archive, run, 'System.cpu');
    expect(wanted.length).toBeGreaterThan(1);
    const end = Math.ceil((wanted.at(-1)?.[0] ?? 0) / 1_000) + 1;
    const [answer] = await prometheus.query(`testops_cpu_ratio{component="System", run="${run}", release="rc1"}[1h]`, end);
    const got = answer?.values?.map(([time, value]) => [Math.round(time * 1_000), Number(value)]);
    expect(got?.map(([time]) => time)).toEqual(wanted.map(([time]) => time));
    got?.forEach(([, value], index) => expect(value).toBeCloseTo((wanted[index]?.[1] ?? 0) / 100, 12));
    const crashed = await prometheus.query(
      `testops_component_state{testops_component_state="CRASHED", component="MatchingEnginePrimary"} == 1`,
      end,
    );
    expect(crashed).toHaveLength(1);
    expect(await prometheus.query('testops_step_duration_seconds{step="wait 2s"}', end)).toMatchObject([{ metric: { state: 'passed' } }]);
    expect(await prometheus.query('testops_run_info', end)).toMatchObject([{ metric: { outcome: 'passed' } }]);
  });
});

/** Times in the core's clock (ms) and values of a series, as the archive has them. */
async function archived(archive: string, run: RunId, name: string): Promise<[number, number][]> {
  const queries = await RunQueries.open(archive);
  try {
    const offsets = await queries.clockOffsets(run);
    const [samples] = await queries.samplesOf(run, name);
    const offset = offsets.get(samples?.series.daemon ?? '') ?? 0;
    const all = Array.from(samples?.times ?? [], (time, index): [number, number] => [
      Math.round(time - offset),
      samples?.values[index] ?? Number.NaN,
    ]);
    return all.filter(([, value]) => !Number.isNaN(value));
  } finally {
    queries.dispose();
  }
}

interface Dashboard {
  readonly panels: { readonly targets?: { readonly expr: string }[] }[];
  readonly templating: { readonly list: { readonly type: string; readonly query: string | { readonly query: string } }[] };
}

function dashboard(): { readonly queries: string[]; readonly variables: string[] } {
  const { panels, templating } = JSON.parse(readFileSync(join(root, 'resources', 'grafana', 'testops.json'), 'utf8')) as Dashboard;
  const variables = templating.list
    .filter(({ type }) => type === 'query')
    .map(({ query }) => (typeof query === 'string' ? query : query.query));
  return { queries: panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)), variables };
}

/** Names of metrics in a query: what is no label. */
function namesIn(query: string): string[] {
  const bare = query.replace(/\{[^}]*\}/g, '');
  return bare.match(/\btestops_[a-z0-9_]+/g) ?? [];
}

/** A query as Grafana would send it with its first choices. */
function filled(query: string): string {
  return query
    .replaceAll('$environment', '.*')
    .replaceAll('$component', '.*')
    .replaceAll('$metric', 'testops_threads')
    .replaceAll('$__rate_interval', '10s');
}

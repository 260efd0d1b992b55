/** Lines of real files become states, metrics and events; each once, also across restarts. */
import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backgroundClock } from '#platform/clock.ts';
import type { LogConfiguration, LogRule } from '#network/daemon/configuration/types.ts';
import { LogTailer, type LogTailerOptions } from '#network/daemon/logs/log-tailer.ts';
import { PositionFile } from '#network/daemon/logs/positions.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import { RecordedReports, until } from '../recorded-reports.ts';

const engine = 'Engine' as ComponentName;
let folder: string;
let tailers: LogTailer[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-tailer-'));
  tailers = [];
});
afterEach(async () => {
  for (const tailer of tailers) await tailer.dispose();
  await rm(folder, { recursive: true });
});

const log = (): string => join(folder, 'engine.log');

function rule(match: string, makes: Partial<LogRule>): LogRule {
  return { match, component: engine, state: null, metric: null, event: null, ...makes };
}

const latency = { name: 'latency', value: '{us}', unit: 'ms', kind: 'gauge', scale: 0.001 } as const;

async function tail(
  configuration: Partial<LogConfiguration>,
  options: Partial<LogTailerOptions> = {},
): Promise<{ tailer: LogTailer; reports: RecordedReports; states: string[] }> {
  const reports = new RecordedReports();
  const states: string[] = [];
  const whole: LogConfiguration = {
    component: engine,
    files: [log()],
    from: 'start',
    forward: 'matched',
    severity: 'info',
    rules: [],
    ...configuration,
  };
  const tailer = new LogTailer({
    logs: [whole],
    reporter: reports,
    clock: backgroundClock,
    positions: new PositionFile(join(folder, 'state')),
    onState: (component, state) => states.push(`${component} ${state}`),
    ...options,
  });
  tailers.push(tailer);
  await tailer.start();
  return { tailer, reports, states };
}

const texts = (reports: RecordedReports): string[] => reports.of('log').map(({ text }) => text);

describe('what rules make of lines', () => {
  test('is states, scaled metrics, and events with fields, from one line or several', async () => {
    const rules = [
      rule('STATE (?P<state>\\w+)', { state: '{state}' }),
      rule('latency=(?P<us>[^ u]+)us', { metric: latency }),
      rule('ERROR (\\d+): (?P<what>.*)', { event: { name: 'order-rejected', severity: 'error', text: '{what} ({1})' } }),
    ];
    const { reports, states } = await tail({ rules });
    await appendFile(log(), 'STATE READY latency=1500us\nboring\nERROR 7: no such account\nlatency=fastus\nlatency=2e3us\n');
    await until('three values', () => reports.values('Engine', 'latency').length === 2);
    expect(states).toEqual(['Engine READY']);
    expect(reports.values('Engine', 'latency')).toEqual([1.5, 2]);
    expect(reports.of('log')).toMatchObject([
      { event: null, severity: 'info', text: 'STATE READY latency=1500us', fields: { state: 'READY' }, component: 'Engine', file: log() },
      { event: 'order-rejected', severity: 'error', text: 'no such account (7)', fields: { what: 'no such account' } },
    ]);
    expect(reports.notices('bad-number')).toHaveLength(1);
    expect(reports.declarations[0]).toMatchObject({ metric: 'latency', unit: 'ms', kind: 'gauge' });
  });

  test('takes the first rule for a state and for an event, and every rule for metrics', async () => {
    const rules = [
      rule('ready', { state: 'READY', event: { name: 'first', severity: 'info', text: null } }),
      rule('ready', { state: 'OTHER', event: { name: 'second', severity: 'error', text: null }, metric: { ...latency, value: '{1}5' } }),
      rule('ready', { metric: { ...latency, name: 'other', value: '7', scale: 1 } }),
    ];
    const { reports, states } = await tail({ rules: rules.map((each, index) => (index === 1 ? { ...each, match: '(\\d) ready' } : each)) });
    await appendFile(log(), '4 ready\n');
    await until('the event', () => reports.of('log').length > 0);
    expect(states).toEqual(['Engine READY']);
    expect(reports.of('log').map(({ event }) => event)).toEqual(['first']);
    expect(reports.values('Engine', 'latency')).toEqual([0.045]);
    expect(reports.values('Engine', 'other')).toEqual([7]);
  });

  test.each([
    ['matched', ['state line', 'event line']],
    ['all', ['plain line', 'state line', 'metric line 5us', 'event line']],
    ['none', ['event line']],
  ] as const)('forwards %s', async (forward, expected) => {
    const rules = [
      rule('^state', { state: 'X' }),
      rule('metric line (?P<us>\\d+)', { metric: latency }),
      rule('^event', { event: { name: 'e', severity: 'info', text: null } }),
    ];
    const { reports } = await tail({ forward, rules });
    await appendFile(log(), 'plain line\nstate line\nmetric line 5us\nevent line\n');
    await until('the last line', () => texts(reports).includes('event line'));
    expect(texts(reports)).toEqual(expected);
  });

  test('does not let a log invent states without end', async () => {
    const { reports, states } = await tail({
      forward: 'none',
      rules: [rule('STATE (?P<s>.*)', { state: '{s}' }), rule('END', { event: { name: 'end', severity: 'info', text: null } })],
    });
    await appendFile(
      log(),
      `${Array.from({ length: 500 }, (_, index) => `STATE S${index}`).join('\n')}\nSTATE ${'x'.repeat(100)}\nSTATE \nSTATE S1\nEND\n`,
    );
    await until('the end', () => reports.of('log').length > 0);
    expect(states).toHaveLength(101);
    expect(states.at(-1)).toBe('Engine S1');
    expect(reports.notices('state-ignored')).toHaveLength(1);
  });

  test('survives lines and rules that hang a backtracking matcher', async () => {
    const { reports } = await tail({ rules: [rule('^(a+)+$', { state: 'A' }), rule('(x+x+)+y', { state: 'B' })], forward: 'all' });
    await appendFile(log(), `${'a'.repeat(16_000)}!\n${'x'.repeat(16_000)}\nend\n`);
    await until('the end', () => texts(reports).includes('end'));
    expect(texts(reports)).toHaveLength(3);
  });
});

describe('metrics of a log', () => {
  test('have no value any more when the process has ended, after its last lines, until the log tells the next', async () => {
    const { tailer, reports } = await tail({ rules: [rule('latency=(?P<us>\\d+)us', { metric: latency })] });
    await appendFile(log(), 'latency=1000us\n');
    await until('a value', () => reports.values('Engine', 'latency').length === 1);
    await appendFile(log(), 'latency=2000us\n');
    tailer.giveUp(engine);
    tailer.giveUp(engine);
    await until('the gap', () => Number.isNaN(reports.values('Engine', 'latency').at(-1)));
    await appendFile(log(), 'latency=3000us\n');
    await until('the next', () => reports.values('Engine', 'latency').at(-1) === 3);
    expect(reports.values('Engine', 'latency')).toEqual([1, 2, Number.NaN, 3]);
  });
});

describe('the place in a log', () => {
  const all = { forward: 'all' } as const;

  test('is kept when the daemon ends well, every line read once', async () => {
    await writeFile(log(), '1\n2\n');
    const first = await tail(all);
    await until('two lines', () => texts(first.reports).length === 2);
    await appendFile(log(), '3\nhal');
    await first.tailer.dispose();
    expect(texts(first.reports)).toEqual(['1', '2', '3']);
    await appendFile(log(), 'f\n5\n');
    const second = await tail(all);
    await until('two more', () => texts(second.reports).length === 2);
    expect(texts(second.reports)).toEqual(['half', '5']);
  });

  test('is saved within about a second, only after what was reported is safe', async () => {
    await writeFile(log(), '');
    const order: string[] = [];
    const reports: { current?: RecordedReports } = {};
    const settled = (): Promise<void> => {
      order.push(`settled ${reports.current ? texts(reports.current).length : 0}`);
      return Promise.resolve();
    };
    const { reports: recorded } = await tail(all, { settled });
    reports.current = recorded;
    await appendFile(log(), '1\n2\n3\n');
    const saved = async (): Promise<{ positions: { offset: number }[] }> =>
      JSON.parse(await readFile(join(folder, 'state', 'log-positions.json'), 'utf8')) as { positions: { offset: number }[] };
    await until('the position', async () => (await saved()).positions[0]?.offset === 6);
    expect(order.at(-1)).toBe('settled 3');
  });

  test('is not lost by a daemon that was killed: what was not saved is read again', async () => {
    await writeFile(log(), '1\n');
    const first = await tail(all);
    await until('a line', () => texts(first.reports).length === 1);
    const positions = join(folder, 'state', 'log-positions.json');
    const before = await readFile(positions, 'utf8');
    await first.tailer.dispose();
    await writeFile(positions, before);
    const second = await tail(all);
    await until('the line again', () => texts(second.reports).length === 1);
    expect(texts(second.reports)).toEqual(['1']);
  });

  test('that cannot be read back is told, and reading begins anew', async () => {
    await writeFile(join(folder, 'log'), '');
    const first = await tail(all);
    await first.tailer.dispose();
    await writeFile(join(folder, 'state', 'log-positions.json'), '{"version": 1, "positi');
    await writeFile(log(), '1\n');
    const { reports } = await tail(all);
    await until('the line', () => texts(reports).length === 1);
    expect(reports.notices('log-positions-lost')).toHaveLength(1);
  });

  test('that cannot be saved is told once, and reading goes on', async () => {
    await writeFile(log(), '');
    await writeFile(join(folder, 'state'), 'a file where the folder should be');
    const { reports } = await tail(all);
    await appendFile(log(), '1\n');
    await until('the line', () => texts(reports).length === 1);
    expect(reports.notices('log-positions-unsaved')).toHaveLength(1);
  });
});

describe('a file that may not be read', () => {
  test.skipIf(process.getuid?.() === 0)('is told once and read when it may be (skipped for root, who may read everything)', async () => {
    await writeFile(log(), '1\n');
    await chmod(log(), 0);
    const { reports } = await tail({ forward: 'all' });
    await until('the notice', () => reports.notices('log-unreadable').length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(reports.notices('log-unreadable')).toHaveLength(1);
    await chmod(log(), 0o600);
    await until('the line', () => texts(reports).length === 1);
  });
});

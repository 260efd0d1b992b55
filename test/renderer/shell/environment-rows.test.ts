/** The Environment view's rows, events and commands, from what the core tells. */
import { describe, expect, test } from 'vitest';
import { inertText } from '../../../renderer/components/inert-text.ts';
import { actionWords, componentWords, formProblems, wordsText } from '../../../renderer/views/environment/command-words.ts';
import { rowsOf, totalsOf } from '../../../renderer/views/environment/environment-rows.ts';
import { noEvents, takeEvents } from '../../../renderer/views/environment/environment-events.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import type { DaemonEvent, Parameter } from '#shared/protocol/observations.ts';

const status = (silence: number, presence: 'present' | 'lost' = 'present'): EnvironmentStatus =>
  ({
    environment: 'demo',
    router: 'nats://127.0.0.1:1',
    connected: true,
    release: 'rc1',
    operator: 'ada',
    drift: null,
    daemons: [
      {
        daemon: 'MEP',
        presence,
        silence,
        clockOffset: 3,
        received: { records: 5, samples: 7, gapsFilled: 1, recordsLost: 2 },
        catalogue: {
          host: 'box',
          softwareVersion: '1',
          configurationHash: 'ab',
          components: [{ name: 'Engine', commands: ['kill'], signals: ['KILL'] }],
          series: [{ component: 'Engine', metric: 'latency', unit: 'ms' }],
        },
        components: [
          { component: 'System', state: 'unknown', pid: null, metrics: { load1: 2 } },
          { component: 'Engine', state: 'READY', pid: 9, metrics: { rss: 1_000, cpu: null, latency: 4 } },
        ],
      },
    ],
  }) as unknown as EnvironmentStatus;

describe('rows of the environment', () => {
  test('processes first, memory and CPU in columns of their own, the rest with units', () => {
    const [daemon] = rowsOf(status(100), true);
    expect(daemon?.components.map(({ name, isProcess }) => [name, isProcess])).toEqual([
      ['Engine', true],
      ['System', false],
    ]);
    expect(daemon?.components[0]).toMatchObject({ memory: 1_000, cpu: null, metrics: [{ metric: 'latency', value: 4, unit: 'ms' }] });
    expect(totalsOf(rowsOf(status(100), true))).toEqual({ present: 1, daemons: 1, records: 5, samples: 7, gapsFilled: 1, recordsLost: 2 });
  });

  test('values are old after silence, when the daemon or the core is lost', () => {
    const stale = (...given: Parameters<typeof rowsOf>) => rowsOf(...given)[0]?.stale;
    expect(stale(status(2_500), true)).toBe(false);
    expect(stale(status(2_501), true)).toBe(true);
    expect(stale(status(0, 'lost'), true)).toBe(true);
    expect(stale(status(0), false)).toBe(true);
    expect(stale({ ...status(0), connected: false }, true)).toBe(true);
  });
});

describe('events', () => {
  const told = (event: DaemonEvent) =>
    ({ events: [{ daemon: 'MEP', received: 10, event }], missed: 0 }) as Parameters<typeof takeEvents>[1];
  const crash = { kind: 'component-crashed', time: 1, component: 'Engine', pid: 9, exitStatus: null, signal: 'KILL' } as DaemonEvent;

  test('a crash is the last error of its component', () => {
    const state = takeEvents(noEvents, told(crash));
    expect(state.rows).toMatchObject([{ number: 1, time: 10, severity: 'error', text: 'CRASHED, PID 9, by signal KILL' }]);
    expect(state.lastErrors.get('Engine')?.text).toContain('CRASHED');
  });

  test('hostile text is inert; what only programs need is left out; old rows go', () => {
    const text = '\u001b[31mred\u001b[0m \u202Eevil\u0007<b>';
    const log = { kind: 'log', time: 1, component: null, file: 'a', severity: 'info', event: null, text, fields: {} } as DaemonEvent;
    expect(takeEvents(noEvents, told(log)).rows[0]?.text).toBe('red ‹U+202E›evil␇<b>');
    expect(takeEvents(noEvents, told({ kind: 'series-declared', time: 1, series: [] })).rows).toEqual([]);
    let state = noEvents;
    for (let count = 0; count < 51; count++) {
      const many = Array.from({ length: 100 }, () => told(crash).events).flat();
      state = takeEvents(state, { events: many, missed: 1 });
    }
    expect(state.rows).toHaveLength(5_000);
    expect(state.rows.at(-1)?.number).toBe(5_100);
    expect(state.missed).toBe(51);
  });

  test('text becomes one line without terminal sequences', () => {
    expect(inertText('a\r\nb\u001b]0;title\u0007c\ud800')).toBe('a⏎ bc‹U+D800›');
  });
});

describe('commands by hand', () => {
  const parameters: readonly Parameter[] = [
    { name: 'rate', type: 'integer', minimum: 1, maximum: 10, default: 5 },
    { name: 'mode', type: 'choice', choices: ['soft', 'hard'] },
    { name: 'patience', type: 'duration', default: '5s' },
  ];

  test('are checked before they are sent', () => {
    expect([...formProblems(parameters, {}).keys()]).toEqual(['mode']);
    expect([...formProblems(parameters, { rate: '11', mode: 'soft' }).entries()]).toEqual([['rate', 'at most 10']]);
    expect([...formProblems(parameters, { rate: '1.5', mode: 'medium', patience: 'soon' }).keys()]).toEqual(['rate', 'mode', 'patience']);
    expect(formProblems(parameters, { mode: 'hard', patience: '500ms' }).size).toBe(0);
  });

  test('name only what was given', () => {
    expect(actionWords('load', parameters, { mode: 'hard', rate: '' })).toEqual(['load', 'mode=hard']);
    expect(componentWords('kill', 'Engine', 'KILL')).toEqual(['kill', '-KILL', 'Engine']);
    expect(componentWords('signal', 'Engine', 'TERM')).toEqual(['signal', 'TERM', 'Engine']);
    expect(componentWords('start', 'Engine', null)).toEqual(['start', 'Engine']);
    expect(wordsText(['say', 'two words', "it's"])).toBe(`say 'two words' "it's"`);
  });
});

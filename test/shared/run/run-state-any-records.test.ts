/** The reducer on whatever records a log may hold: it never throws, never changes what it was given, and keeps up. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runRecordSchema } from '#shared/run/records.ts';
import { fold, foldRecord, initialRunState, owedCommands, traceOf, type RunState } from '#shared/run/run-state.ts';
import { recordsOf, step, started, finished, runStarted, observation } from './built-records.ts';

/** Any valid records, in any order: what a log that was cut, merged or forged may hold. */
const anyText = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'x', 'main'), fc.string({ maxLength: 12 }));
const small = fc.integer({ min: 1, max: 5 });
const anyStep = fc.record(
  {
    execution: small,
    scenario: anyText,
    line: small,
    number: small,
    text: anyText,
    depth: small,
    phase: fc.constantFrom('main', 'deferred'),
    deferred: small,
  },
  { requiredKeys: ['execution', 'scenario', 'line', 'number', 'text', 'depth', 'phase'] },
);
const anyCommand = fc.constantFrom('command-1', 'command-2', '__proto__');
const component = fc.constantFrom('Engine', 'constructor');
const time = fc.integer({ min: -1_000, max: 1_000 });
const outcome = { status: 'completed', exitStatus: 0, signal: null, success: true, result: '', duration: 1 };
const anyEvent = fc.oneof(
  fc.record({ kind: fc.constantFrom('component-started', 'component-stopped'), time, component, pid: small }),
  fc.record({
    kind: fc.constant('component-crashed'),
    time,
    component,
    pid: small,
    exitStatus: fc.constant(null),
    signal: fc.constant('KILL'),
  }),
  fc.record({ kind: fc.constant('state'), time, component, state: anyText, previous: fc.constant(null) }),
  fc.record({ kind: fc.constant('command-output'), time, command: anyCommand, stream: fc.constant('stdout'), text: anyText }),
  fc.record({ kind: fc.constant('command-finished'), time, command: anyCommand, outcome: fc.constant(outcome) }),
);
const anyBody = fc.oneof(
  fc.constant(runStarted),
  fc.record({ kind: fc.constant('step-started'), step: anyStep }),
  fc.record({
    kind: fc.constant('step-finished'),
    step: anyStep,
    state: fc.constantFrom('passed', 'failed', 'running', 'skipped'),
    message: fc.constant(null),
    result: fc.constant(null),
    duration: fc.constant(1),
  }),
  fc.record({ kind: fc.constant('echo'), execution: small, text: anyText }),
  fc.record({ kind: fc.constant('note'), execution: fc.constant(null), text: anyText, author: anyText }),
  fc.record({ kind: fc.constant('variable'), execution: fc.constant(null), name: anyText, value: anyText }),
  fc.record({
    kind: fc.constant('condition'),
    execution: small,
    condition: anyText,
    form: fc.constantFrom('expect', 'on', 'limit'),
    text: anyText,
    state: fc.constantFrom('pending', 'met', 'not met'),
    values: fc.constant({}),
  }),
  fc.record({
    kind: fc.constant('command-sent'),
    execution: fc.option(small),
    command: anyCommand,
    daemon: fc.constant(null),
    action: anyText,
    arguments: fc.constant([]),
  }),
  fc.record({ kind: fc.constant('command-finished'), command: anyCommand, outcome: fc.constant(outcome) }),
  fc.record({ kind: fc.constant('command-failed'), command: fc.option(anyCommand), execution: fc.option(small), message: anyText }),
  fc.record({ kind: fc.constant('output'), command: anyCommand, stream: fc.constant('stderr'), text: anyText }),
  fc.record({
    kind: fc.constant('deferred'),
    identifier: small,
    words: fc.array(anyText, { maxLength: 2 }),
    text: anyText,
    scenario: anyText,
    line: small,
  }),
  fc.record({ kind: fc.constant('prompt'), reference: small, question: anyText, choices: fc.constant([]), fallback: fc.constant(null) }),
  fc.record({
    kind: fc.constant('operator'),
    operator: anyText,
    action: fc.oneof(fc.record({ kind: fc.constantFrom('pause', 'stop') }), fc.record({ kind: fc.constant('goto'), line: small })),
  }),
  fc.record({ kind: fc.constant('paused'), reason: fc.constantFrom('operator', 'disk'), message: fc.constant(null) }),
  fc.record({ kind: fc.constantFrom('resumed') }),
  fc.array(anyEvent, { maxLength: 4 }).map((events) => observation(...events)),
  fc.record({
    kind: fc.constant('gap'),
    daemon: fc.constantFrom('A', 'B'),
    epoch: fc.constant('0123456789abcdef'),
    from: small,
    to: small,
    state: fc.constantFrom('open', 'filled', 'lost'),
    reason: anyText,
  }),
  fc.record({
    kind: fc.constant('presence'),
    daemon: fc.constantFrom('A', 'B'),
    state: fc.constantFrom('present', 'lost'),
    epoch: fc.constant(null),
    clockOffset: fc.constant(null),
  }),
  fc.record({
    kind: fc.constant('problem'),
    severity: fc.constantFrom('error', 'warning', 'information'),
    code: anyText,
    message: anyText,
    tip: fc.constant(null),
  }),
  fc.record({ kind: fc.constantFrom('recovered'), message: anyText }),
  fc.record({ kind: fc.constant('run-finished'), outcome: fc.constantFrom('passed', 'error'), reason: anyText }),
);
const anyRecords = fc
  .array(anyBody, { maxLength: 60 })
  .map((bodies) => bodies.filter((body) => runRecordSchema.safeParse({ ...body, sequence: 1, time: 1 }).success))
  .map((bodies) => recordsOf(...bodies));

describe('on any sequence of valid records', () => {
  test('never throws, counts every record, and stays plain JSON', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const state = fold(records);
        expect(state.counters.records).toBe(records.length);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        traceOf(state);
        owedCommands(state);
      }),
      { seed: 20261120, numRuns: 400 },
    );
  });

  test('never changes a state that it was given, so folding may stop and go on anywhere', () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(), (records, at) => {
        const cut = records.length === 0 ? 0 : at % records.length;
        const states: { state: RunState; text: string }[] = [];
        let state = initialRunState();
        for (const record of records) {
          state = foldRecord(state, record);
          states.push({ state, text: JSON.stringify(state) });
        }
        for (const { state: earlier, text } of states) expect(JSON.stringify(earlier)).toBe(text);
        const half = JSON.parse(JSON.stringify(fold(records.slice(0, cut)))) as RunState;
        expect(fold(records.slice(cut), half)).toEqual(state);
      }),
      { seed: 20261121, numRuns: 200 },
    );
  });

  test('keeps up with a long log (generous bound)', () => {
    const cycle = recordsOf(started(step(1)), { kind: 'echo', execution: 1, text: 'x' }, finished(step(1)), observation());
    const begun = process.hrtime.bigint();
    let state = initialRunState();
    for (let round = 0; round < 25_000; round += 1) for (const record of cycle) state = foldRecord(state, record);
    const milliseconds = Number(process.hrtime.bigint() - begun) / 1e6;
    console.log(`folded ${Math.round(100_000 / (milliseconds / 1_000))} records/s`);
    expect(state.counters.records).toBe(100_000);
    expect(milliseconds).toBeLessThan(10_000);
  });
});

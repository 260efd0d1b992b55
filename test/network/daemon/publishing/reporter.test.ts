/** The reporter: one sequence, declarations before what they declare, urgent events at once, bounded records. */
import { describe, expect, test } from 'vitest';
import { componentNameSchema, epochSchema } from '#shared/identifiers.ts';
import { eventBatchSchema } from '#shared/protocol/observations.ts';
import type { DaemonEvent, EventBatch } from '#shared/protocol/observations.ts';
import { decodeSampleFrame } from '#shared/protocol/sample-frame.ts';
import type { SampleFrame } from '#shared/protocol/sample-frame.ts';
import { RecordReporter } from '#network/daemon/publishing/reporter.ts';
import type { SpoolRecord } from '#network/daemon/spool/spool-segment.ts';

const epoch = epochSchema.parse('0123456789abcdef');
const engine = componentNameSchema.parse('MatchingEnginePrimary');

function newReporter(now: () => number = () => 1_000) {
  const records: SpoolRecord[] = [];
  const reporter = new RecordReporter({
    epoch,
    softwareVersion: '1.2.3',
    configurationHash: 'a'.repeat(64),
    now,
    onRecord: (record) => records.push(record),
  });
  return { reporter, records };
}

function batch(record: SpoolRecord | undefined): EventBatch {
  expect(record?.kind).toBe('events');
  return eventBatchSchema.parse(JSON.parse(Buffer.from(record!.bytes).toString()));
}

function frame(record: SpoolRecord | undefined): SampleFrame {
  expect(record?.kind).toBe('samples');
  return decodeSampleFrame(record!.bytes);
}

const notice = (text: string): DaemonEvent => ({ kind: 'notice', time: 1, severity: 'info', code: 'test', text });
const state = (name: string): DaemonEvent => ({ kind: 'state', time: 1, component: engine, state: name, previous: null });
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('the reporter', () => {
  test('an epoch starts by saying so, as number one', () => {
    const { records, reporter } = newReporter();
    expect(batch(records[0])).toEqual({
      epoch,
      sequence: 1,
      events: [{ kind: 'epoch-started', time: 1_000, softwareVersion: '1.2.3', configurationHash: 'a'.repeat(64) }],
    });
    reporter.dispose();
  });

  test('ordinary events wait for each other, urgent ones take them along at once', async () => {
    const { records, reporter } = newReporter();
    reporter.event(notice('one'));
    reporter.event(notice('two'));
    await pause(5);
    expect(records).toHaveLength(1);
    reporter.event(state('READY'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(batch(records[1]).events.map((event) => event.kind)).toEqual(['notice', 'notice', 'state']);
    reporter.event(notice('three'));
    await pause(120);
    expect(batch(records[2]).sequence).toBe(3);
    reporter.dispose();
  });

  test('series are declared before their first sample, once; the same name is the same number', () => {
    const { records, reporter } = newReporter();
    const rss = reporter.declare(engine, 'rss', 'bytes', 'gauge');
    expect(reporter.declare(engine, 'rss', 'bytes', 'gauge')).toBe(rss);
    const cpu = reporter.declare(engine, 'cpu', '%', 'gauge', 'of one core');
    reporter.samples(5_000, [
      { series: rss, value: 500e6 },
      { series: cpu, value: Number.NaN },
    ]);
    expect(batch(records[1]).events).toEqual([
      {
        kind: 'series-declared',
        time: 1_000,
        series: [
          { id: 0, component: engine, metric: 'rss', unit: 'bytes', kind: 'gauge' },
          { id: 1, component: engine, metric: 'cpu', unit: '%', kind: 'gauge', help: 'of one core' },
        ],
      },
    ]);
    expect(frame(records[2])).toMatchObject({ kind: 'pairs', sequence: 3, time: 5_000 });
    expect([...frame(records[2]).values]).toEqual([500e6, Number.NaN]);
    expect(reporter.declared.series).toHaveLength(2);
    reporter.dispose();
  });

  test('a set reported again becomes a column set, declared before its first dense frame', () => {
    const { records, reporter } = newReporter();
    const series = Array.from({ length: 100 }, (_, index) => reporter.declare(engine, `m${index}`, 'count', 'counter'));
    for (let turn = 0; turn < 4; turn++) {
      reporter.samples(
        turn,
        series.map((id) => ({ series: id, value: id + turn })),
      );
    }
    reporter.samples(
      9,
      series.slice(1).map((id) => ({ series: id, value: id })),
    );
    expect(records.map((each) => each.kind)).toEqual(['events', 'events', 'samples', 'events', 'samples', 'samples', 'samples', 'samples']);
    expect(batch(records[3]).events).toEqual([{ kind: 'columns-declared', time: 1, columns: 0, series }]);
    expect(records.slice(4, 7).map((each) => frame(each))).toMatchObject([
      { kind: 'dense', columns: 0, sequence: 5 },
      { kind: 'dense', columns: 0, sequence: 6 },
      { kind: 'dense', columns: 0, sequence: 7 },
    ]);
    expect(frame(records[7]).kind).toBe('pairs');
    expect(frame(records[6]).values[99]).toBe(102);
    expect(reporter.declared.columns).toEqual([{ id: 0, series }]);
    reporter.dispose();
  });

  test('a series that comes several times at once, as from a log, makes no column set', () => {
    const { records, reporter } = newReporter();
    const series = reporter.declare(engine, 'latency', 'ms', 'gauge');
    for (let turn = 0; turn < 4; turn++) {
      reporter.samples(
        turn,
        Array.from({ length: 10 }, (_, index) => ({ series, value: index })),
      );
    }
    expect(records.filter((each) => each.kind === 'samples').map((each) => frame(each).kind)).toEqual(Array(4).fill('pairs'));
    expect(reporter.declared.columns).toEqual([]);
    reporter.dispose();
  });

  test('sequences grow by one whatever is reported, also when the clock is set back', () => {
    const times = [5_000, 4_000, 1, 9_000, 2];
    let turn = 0;
    const { records, reporter } = newReporter(() => times[turn++ % times.length]!);
    const series = reporter.declare(engine, 'rss', 'bytes', 'gauge');
    for (let index = 0; index < 200; index++) {
      if (index % 3 === 0) reporter.event(notice('x'.repeat(500)));
      if (index % 7 === 0) reporter.flush();
      reporter.samples(1_000 - index, [{ series, value: index }]);
    }
    reporter.dispose();
    expect(records.map((each) => each.sequence)).toEqual(Array.from({ length: records.length }, (_, index) => index + 1));
    for (const each of records) expect((each.kind === 'samples' ? frame(each) : batch(each)).sequence).toBe(each.sequence);
    expect(reporter.sequence).toBe(records.length);
  });

  test('no record outgrows a message of the router', () => {
    const { records, reporter } = newReporter();
    for (let index = 0; index < 5_000; index++) {
      reporter.event({
        kind: 'log',
        time: 1,
        component: engine,
        file: '/x',
        severity: 'info',
        event: null,
        text: '\u0001é'.repeat(4_000),
        fields: {},
      });
    }
    const series = Array.from({ length: 70_000 }, (_, index) =>
      reporter.declare(engine, `metric_number_${index}`, 'count', 'gauge', 'h'.repeat(60)),
    );
    for (let turn = 0; turn < 3; turn++) {
      reporter.samples(
        turn,
        series.map((id) => ({ series: id, value: 1 })),
      );
    }
    reporter.dispose();
    expect(Math.max(...records.map((each) => each.bytes.length))).toBeLessThan(1_000_000);
    const lengths = records.filter((each) => each.kind === 'events').map((each) => batch(each).events.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(2_000);
  });

  test('more series than a catalogue holds are refused aloud, once', () => {
    const { records, reporter } = newReporter();
    for (let index = 0; index < 200_010; index++) reporter.declare(engine, `m${index}`, 'count', 'gauge');
    const over = reporter.declare(engine, 'one-too-many', 'count', 'gauge');
    reporter.samples(1, [
      { series: over, value: 1 },
      { series: 5, value: 2 },
    ]);
    reporter.dispose();
    const notices = records
      .filter((each) => each.kind === 'events')
      .flatMap((each) => batch(each).events.filter((event) => event.kind === 'notice'));
    expect(notices).toMatchObject([{ code: 'too-many-series' }]);
    expect(frame(records.find((each) => each.kind === 'samples')).values).toHaveLength(1);
  });
});

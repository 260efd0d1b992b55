/** Components of a replayed run: as it began, changed by what its log tells. */
import { describe, expect, test } from 'vitest';
import { runManifestSchema } from '#shared/run/manifest.ts';
import { runRecordSchema } from '#shared/run/records.ts';
import { fold } from '#shared/run/run-state.ts';
import { Timeline } from '#shared/run/timeline.ts';
import { componentsAt, componentsAtStart, statesBefore } from '../../../renderer/stores/replay/run-components.ts';

const catalogue = {
  version: 1,
  daemon: 'MEP',
  epoch: '0123456789abcdef',
  bootNonce: 'nonce-of-boot',
  softwareVersion: '1',
  configurationHash: 'a'.repeat(64),
  host: 'host',
  sequence: 0,
  components: ['Engine', 'Gateway'].map((name) => ({ name, states: [], commands: [], signals: [], metrics: [] })),
  actions: [],
  series: [],
  columns: [],
  states: [{ component: 'Engine', state: 'READY', pid: 12, since: 5 }],
};
const { catalogues } = runManifestSchema.pick({ catalogues: true }).parse({ catalogues: [catalogue] });
const records = (...events: unknown[]) => [
  runRecordSchema.parse({ sequence: 1, time: 10, kind: 'observation', daemon: 'MEP', epoch: catalogue.epoch, number: 1, events }),
];
const error = { kind: 'log', time: 9, component: 'Engine', file: 'x', severity: 'error', event: null, text: 'late', fields: {} };
const crash = { kind: 'component-crashed', time: 10, component: 'Engine', pid: 12, exitStatus: null, signal: 'KILL' };

describe('components at a moment', () => {
  const start = componentsAtStart({ catalogues });
  test('are at first those of the manifest', () => {
    const rows = componentsAt(start, fold([]));
    expect(rows.map(({ component, state, pid }) => [component, state, pid])).toEqual([
      ['Engine', 'READY', 12],
      ['Gateway', 'UNKNOWN', null],
    ]);
  });
  test('have their state until the log tells another; an error is none', () => {
    expect(componentsAt(start, fold(records(error)))[0]).toMatchObject({ state: 'READY', pid: 12, errors: 1, lastError: 'late' });
    expect(componentsAt(start, fold(records(error, crash)))[0]).toMatchObject({ state: 'CRASHED', pid: null, crashes: 1, daemon: 'MEP' });
  });
  test('had before the first change what that change tells', () => {
    const changed = { kind: 'state', time: 10, component: 'Engine', state: 'CRASHED', previous: 'STANDBY' };
    const begun = { kind: 'component-started', time: 11, component: 'Gateway', pid: 3 };
    const timeline = new Timeline();
    timeline.add(records(crash, changed, begun));
    expect([...statesBefore(timeline)]).toEqual([
      ['Engine', 'STANDBY'],
      ['Gateway', 'STOPPED'],
    ]);
  });
  test('that the manifest does not know are there as soon as the log tells of them', () => {
    expect(componentsAt([], fold(records(crash))).map(({ component }) => component)).toEqual(['Engine']);
  });
});

/** Pin and drift: what was right is written down whole, and every difference from it is told. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DaemonView } from '#main/core/ports.ts';
import { catalogueFromPin, driftFrom, pinOf, readPin, writePin } from '#main/core/environments/pin.ts';
import { scenarioCatalogue } from '#main/core/link/scenario-catalogue.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { catalogueSchema, type Catalogue } from '#shared/protocol/observations.ts';

function catalogue(daemon: string, change: Partial<Record<keyof Catalogue, unknown>> = {}): Catalogue {
  return catalogueSchema.parse({
    version: 1,
    daemon,
    epoch: '0'.repeat(16),
    bootNonce: 'nonce-nonce',
    softwareVersion: '0.1.0',
    configurationHash: 'a'.repeat(64),
    host: 'h',
    sequence: 1,
    components: [{ name: 'Engine', states: ['READY'], commands: ['kill'], signals: ['KILL'], metrics: ['rss'] }],
    actions: [{ name: 'start_load', parameters: [{ name: 'rate', type: 'integer', default: 5 }], hazard: 'disruptive', timeout: 1_000 }],
    series: [{ id: 0, component: 'Engine', metric: 'rss', unit: 'bytes', kind: 'gauge' }],
    columns: [],
    states: [],
    ...change,
  });
}

function linkWith(...catalogues: readonly Catalogue[]): { daemons(): DaemonView[] } {
  return {
    daemons: () =>
      catalogues.map((each) => ({
        daemon: each.daemon,
        catalogue: each,
        lastPresence: null,
        state: 'present',
        clockOffset: 0,
        silence: 0,
        received: { records: 0, samples: 0, gapsFilled: 0, recordsLost: 0 },
      })),
  };
}
const demo = 'demo' as EnvironmentName;

describe('pin', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'testops-pin-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is written whole, read back, and the same whatever order the daemons speak in', async () => {
    const [mep, mon] = [catalogue('MEP'), catalogue('MON', { components: [], actions: [], series: [] })];
    const file = join(folder, 'environment.pin.json');
    expect(await readPin(file)).toBeNull();
    await writePin(file, pinOf(demo, linkWith(mep, mon)));
    const text = await readFile(file, 'utf8');
    await writePin(file, pinOf(demo, linkWith(mon, mep)));
    expect(await readFile(file, 'utf8')).toBe(text);
    expect((await readPin(file))?.daemons.map((each) => each.daemon)).toEqual(['MEP', 'MON']);
    expect(await readdir(folder)).toEqual(['environment.pin.json']);
  });

  test('a damaged pin and a folder that is not there are one sentence', async () => {
    const file = join(folder, 'damaged.json');
    await writeFile(file, '{"format":1,"environment":"demo","daemons":[{"daemon":"ME P"}]}');
    await expect(readPin(file)).rejects.toThrow('The pin file is damaged at daemons.0.daemon.');
    await writeFile(file, '{"form');
    await expect(readPin(file)).rejects.toThrow('The pin file is damaged.');
    await expect(writePin(join(folder, 'nowhere', 'pin.json'), pinOf(demo, linkWith()))).rejects.toThrow(
      'The pin file cannot be written (ENOENT).',
    );
  });

  test('no drift where nothing differs, though the daemon was started anew', () => {
    const pin = pinOf(demo, linkWith(catalogue('MEP')));
    expect(driftFrom(pin, linkWith(catalogue('MEP', { epoch: '1'.repeat(16), bootNonce: 'another-nonce', sequence: 99 })))).toEqual([]);
  });

  test('tells missing, lost and extra daemons', () => {
    const pin = pinOf(demo, linkWith(catalogue('MEP'), catalogue('MON')));
    const [lost] = linkWith(catalogue('MON')).daemons();
    const link = { daemons: () => [{ ...lost!, state: 'lost' as const }, ...linkWith(catalogue('INJ')).daemons()] };
    expect(driftFrom(pin, link)).toEqual([
      { severity: 'error', daemon: 'MEP', message: 'The daemon is not connected.' },
      { severity: 'error', daemon: 'MON', message: 'The daemon is lost.' },
      { severity: 'warning', daemon: 'INJ', message: 'The daemon is not pinned.' },
    ]);
  });

  test('tells what has changed within a daemon', () => {
    const pin = pinOf(demo, linkWith(catalogue('MEP')));
    const now = catalogue('MEP', {
      softwareVersion: '0.2.0',
      configurationHash: 'b'.repeat(64),
      components: [
        { name: 'Engine', states: ['READY'], commands: ['kill', 'stop'], signals: [], metrics: ['rss'] },
        { name: 'Gateway', states: [], commands: [], signals: [], metrics: [] },
      ],
      actions: [
        {
          name: 'start_load',
          parameters: [
            { name: 'rate', type: 'integer', default: 6 },
            { name: 'seconds', type: 'duration' },
          ],
          hazard: 'dangerous',
          timeout: 2_000,
        },
      ],
    });
    expect(driftFrom(pin, linkWith(now)).map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      "warning: The daemon's version is 0.2.0; pinned is 0.1.0.",
      'warning: The configuration has changed: bbbbbbbb; pinned is aaaaaaaa.',
      'warning: The component Engine has gained the command stop.',
      'warning: The component Engine has no longer the signal KILL.',
      'warning: The component Gateway is not pinned.',
      'warning: The action start_load has gained the parameter seconds.',
      'warning: The action start_load has another definition of its parameter rate.',
      'warning: The action start_load has the hazard dangerous; pinned is disruptive.',
      'warning: The action start_load may take 2000 ms; pinned are 1000 ms.',
    ]);
    const gone = catalogue('MEP', { components: [], actions: [] });
    expect(driftFrom(pin, linkWith(gone)).map((each) => each.message)).toEqual([
      'The component Engine is missing.',
      'The action start_load is missing.',
    ]);
  });

  test('tells without a connection what scenarios may name', () => {
    const live = catalogue('MEP');
    const surroundings = { plugins: [], aliases: { load: ['start_load'] } };
    const fromPin = catalogueFromPin(pinOf(demo, linkWith(live)), surroundings, ['other']);
    expect(fromPin).toEqual(scenarioCatalogue({ offers: [live], ...surroundings }, ['other']));
    expect(fromPin.components[0]).toMatchObject({ name: 'Engine', metrics: [{ name: 'rss', unit: 'bytes' }] });
  });
});

/**
 * The panel of charts as an operator sees it: with nothing that could be drawn, with series, live, standing still, with values that are late,
 * with a lost core, and with a run of the past. What is drawn needs a browser; here the canvas takes everything and shows nothing.
 * @vitest-environment happy-dom
 */
import { MantineProvider } from '@mantine/core';
import { createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import type { RunId } from '#shared/identifiers.ts';
import { createCharts } from '../../../renderer/stores/charts.ts';
import { StoresContext } from '../../../renderer/stores/context.ts';
import { createRunSession } from '../../../renderer/stores/run-session.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { createTelemetry } from '../../../renderer/stores/telemetry.ts';
import { createTimeAxis } from '../../../renderer/stores/time-axis.ts';
import { ChartsPanel } from '../../../renderer/views/run/charts/index.tsx';
import { FakeCore } from '../fake-core.ts';

const series = (name: string, unit: KnownSeries['unit'] = 'ms'): KnownSeries => {
  const [component = '', metric = ''] = name.split('.');
  return { name, component, metric, unit, kind: 'gauge', daemon: 'MEP' };
};
const known = [series('Gateway.latency'), series('Engine.queue', 'count')];

let stores: Stores;
let root: Root;
let page: HTMLElement;

/** A drawing context that takes every call and every setting. */
function blankContext(): object {
  const measured = { width: 10 };
  return new Proxy({}, { get: (_, name) => (name === 'measureText' ? () => measured : () => undefined), set: () => true });
}

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockImplementation(() => blankContext() as never);
  vi.stubGlobal(
    'Path2D',
    class {
      moveTo() {}
      lineTo() {}
      rect() {}
      arc() {}
      closePath() {}
      addPath() {}
    },
  );
  stores = new Stores();
  const core = new FakeCore({ 'layout.load': () => ({ layout: null }), 'layout.save': () => ({}) });
  stores.get(createSession).setState({ connection: { kind: 'connected', core, generation: 1 } });
  page = document.body.appendChild(document.createElement('div'));
  root = createRoot(page);
  root.render(createElement(StoresContext, { value: stores }, createElement(MantineProvider, null, createElement(ChartsPanel))));
});
afterEach(async () => {
  root.unmount();
  page.remove();
  await stores.dispose();
  vi.unstubAllGlobals();
});

const text = (): string => [...page.children].map((each) => (each.tagName === 'STYLE' ? '' : each.textContent)).join('');
const charts = () => [...page.querySelectorAll('[data-chart]')].map((chart) => chart.getAttribute('aria-label'));
const named = (name: string): HTMLElement | null => page.querySelector<HTMLElement>(`[aria-label="${name}"]`);
const button = (name: string) => [...page.querySelectorAll('button')].find(({ textContent }) => textContent === name);

/** The environment declares series; the charts that suit them appear by themselves. */
async function declare(): Promise<void> {
  await expect.poll(text).toContain('No charts yet');
  stores.get(createTelemetry).setState({ known });
}

test('with nothing that could be drawn it says when charts come', async () => {
  await expect.poll(text).toContain('Charts appear when an environment is connected');
  expect(button('Show suggested charts')).toBeUndefined();
});

describe('with series', () => {
  beforeEach(declare);

  test('charts that suit them are there, with their legends', async () => {
    await expect.poll(() => charts().length).toBeGreaterThan(0);
    const legends = [...page.querySelectorAll('[data-value]')].map((value) => value.getAttribute('data-value'));
    expect(legends).toEqual(['Gateway.latency']);
  });

  test('charts that were taken away do not come back by themselves, and can be suggested again', async () => {
    await expect.poll(() => charts().length).toBeGreaterThan(0);
    for (const { id } of stores.get(createCharts).getState().layout.charts) stores.get(createCharts).removeChart(id);
    await expect.poll(text).toContain('Choose series from the list, or begin with the charts that suit the scenario.');
    stores.get(createTelemetry).setState({ known: [...known] });
    expect(charts()).toEqual([]);
    button('Show suggested charts')?.click();
    await expect.poll(() => charts().length).toBeGreaterThan(0);
  });

  test('an empty chart says how series come into it', async () => {
    stores.get(createCharts).addChart();
    await expect.poll(text).toContain('Press + or drag a series here.');
  });

  test('a chart is named anew, and Escape leaves its name', async () => {
    const { addChart, setColumns } = stores.get(createCharts);
    setColumns(1);
    addChart();
    const rename = async (typed: string, key: string): Promise<void> => {
      await expect.poll(() => named('Chart Chart') ?? named('Chart Delays')).not.toBeNull();
      [...page.querySelectorAll<HTMLElement>('[title="Rename the chart"]')].at(-1)?.click();
      await expect.poll(() => named('Title of the chart')).not.toBeNull();
      const input = named('Title of the chart') as HTMLInputElement;
      input.value = typed;
      input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    };
    await rename('Delays', 'Enter');
    await expect.poll(charts).toContain('Chart Delays');
    await rename('Other', 'Escape');
    await expect.poll(() => named('Title of the chart')).toBeNull();
    expect(charts()).toContain('Chart Delays');
  });
});

describe('the time that is shown', () => {
  beforeEach(declare);

  test('moves, and stands still when it is paused', async () => {
    await expect.poll(() => named('Pause the charts')).not.toBeNull();
    named('Pause the charts')?.click();
    await expect.poll(() => named('Live charts')).not.toBeNull();
    expect(stores.get(createTimeAxis).getState().range.kind).toBe('fixed');
    named('Live charts')?.click();
    await expect.poll(() => named('Pause the charts')).not.toBeNull();
  });

  test('says how late values are, and that the archive is read', async () => {
    stores.get(createTelemetry).setState({ lag: 2_500 });
    await expect.poll(text).toContain('2.50 s behind');
    stores.get(createTelemetry).setState({ lag: 20, fetching: true });
    await expect.poll(text).toContain('reading the archive …');
    expect(text()).not.toContain('behind');
  });

  test('is that of a run of the past while one is shown', async () => {
    stores.get(createRunSession).setState({ run: '20260101T000000Z-failover-00ff' as RunId, archived: true });
    await expect.poll(() => button('Whole run')).toBeDefined();
    expect(named('Pause the charts')).toBeNull();
  });
});

test('with a lost core the charts stay as they were', async () => {
  await declare();
  await expect.poll(() => charts().length).toBeGreaterThan(0);
  const before = charts();
  stores.get(createSession).setState({ connection: { kind: 'lost', coreEnd: null, since: 1_000 } });
  await expect.poll(() => named('Pause the charts')).not.toBeNull();
  expect(charts()).toEqual(before);
});

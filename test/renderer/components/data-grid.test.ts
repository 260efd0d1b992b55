/**
 * The data grid as an operator uses it, on the archive's columns: sorted, resized, with columns left out, moved through by keyboard,
 * and as it was left when it is looked at again.
 * @vitest-environment happy-dom
 */
import { MantineProvider } from '@mantine/core';
import { act, createElement, useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DataGrid, type GridDeeds } from '../../../renderer/components/data-grid.tsx';
import { useDataGrid } from '../../../renderer/components/data-grid-columns.ts';
import type { ArchivedRun } from '../../../renderer/stores/archived-runs.ts';
import { StoresContext } from '../../../renderer/stores/context.ts';
import { createLayout } from '../../../renderer/stores/layout.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { runsGrid } from '../../../renderer/views/archive/archive-columns.tsx';
import { FakeCore } from '../fake-core.ts';

const folder = '/workspace';

const run = (name: string, more: Partial<ArchivedRun> = {}): ArchivedRun =>
  ({
    run: name,
    scenario: name,
    environment: 'demo',
    release: 'rc1',
    operator: 'ada',
    mode: 'live',
    startedAt: 0,
    finishedAt: null,
    duration: null,
    outcome: 'passed',
    reason: null,
    totals: null,
    damage: null,
    decision: 'undecided',
    remarks: 0,
    ...more,
  }) as ArchivedRun;

/** Newest first, as the core lists them. */
const runs = [
  run('c', { duration: 7, release: 'rc2', startedAt: 3, outcome: null }),
  run('b', { duration: null, release: 'rc2', startedAt: 2, operator: 'grace' }),
  run('a', { duration: 5, release: 'rc10', startedAt: 1, outcome: 'failed', reason: 'lost orders' }),
];

/** What the core keeps of the layout; null: nothing yet. */
let kept: string | null;
let stores: Stores;
let root: Root;
let page: HTMLElement;
const deeds = {
  onExtend: vi.fn<(row: ArchivedRun) => void>(),
  onToggle: vi.fn<(row: ArchivedRun) => void>(),
  onChooseAll: vi.fn<() => void>(),
  onLetGo: vi.fn<() => void>(),
  onOpen: vi.fn<(row: ArchivedRun) => void>(),
  onDelete: vi.fn<(row: ArchivedRun) => void>(),
} satisfies Omit<GridDeeds<ArchivedRun>, 'onChoose'>;

function Table() {
  const [current, setCurrent] = useState<string | null>(null);
  const grid = useDataGrid(runsGrid, runs);
  return createElement(DataGrid<ArchivedRun>, {
    ...deeds,
    grid,
    label: 'Runs',
    current,
    rowHeight: 26,
    onChoose: ({ run: chosen }) => setCurrent(chosen),
  });
}

/** Opens the console on the workspace, with what the core kept of its layout. */
async function open(): Promise<void> {
  stores = new Stores();
  const core = new FakeCore({
    'layout.load': () => ({ layout: kept }),
    'layout.save': ({ layout }) => {
      kept = layout;
      return {};
    },
  });
  stores.get(createSession).setState({ connection: { kind: 'connected', core, generation: 1 } });
  await stores.get(createLayout).loadLayout(folder);
  page = document.body.appendChild(document.createElement('div'));
  root = createRoot(page);
  await act(async () =>
    root.render(createElement(StoresContext, { value: stores }, createElement(MantineProvider, { env: 'test' }, createElement(Table)))),
  );
}

async function close(): Promise<void> {
  await stores.get(createLayout).saveLayoutNow();
  act(() => root.unmount());
  page.remove();
  await stores.dispose();
}

/** Closes the console, and opens another one on the same workspace. */
async function reopen(): Promise<void> {
  await close();
  await open();
}

beforeEach(async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  // A page without a screen has no sizes: the frame is given some.
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(260);
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(260);
  kept = null;
  await open();
});
afterEach(async () => {
  await close();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
};
const frame = () => one('[role=grid]');
const heading = (title: string) => one(`[role=columnheader][aria-label="${title}"]`);
const sorter = (title: string) => one(`[role=columnheader][aria-label="${title}"] button`);
const edge = (title: string) => one(`[role=separator][aria-label="Width of ${title}"]`);
const headings = () => all('[role=columnheader]').map((each) => each.getAttribute('aria-label'));
const shown = () => {
  const place = headings().indexOf('Scenario');
  return all('[role=row][aria-selected]').map((row) => row.children[place]?.textContent);
};
const click = (element: HTMLElement) => act(async () => element.click());
const press = (element: HTMLElement, key: string, more: KeyboardEventInit = {}) =>
  act(async () => void element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })));
const widthOf = (title: string) => Number(edge(title).getAttribute('aria-valuenow'));
const underKeyboard = () => one(`#${CSS.escape(frame().getAttribute('aria-activedescendant') ?? '')}`).textContent;

const menu = () => one('[aria-label="Choose the columns"]');
/** Presses what opens the menu or closes it, until it has. */
async function turnMenu(opened: boolean): Promise<void> {
  await click(menu());
  await vi.waitFor(async () => {
    await act(() => new Promise((resolve) => setTimeout(resolve)));
    expect(all('[role=menu]')).toHaveLength(opened ? 1 : 0);
  });
}

/** Ticks a column in the menu or clears it, or does what else is offered there. */
async function choose(title: string): Promise<void> {
  await turnMenu(true);
  const item = all('[role=menuitemcheckbox], [role=menuitem]').find(({ textContent }) => textContent === title);
  if (!item) throw new Error(`${title} is not in the menu`);
  const closes = item.role === 'menuitem';
  await click(item);
  if (!closes) await turnMenu(false);
}

describe('sorting', () => {
  test('stands as its view wants it at first; unknown values last, whichever way; equal ones as they came', async () => {
    expect(shown()).toEqual(['c', 'b', 'a']);
    expect(heading('Started').getAttribute('aria-sort')).toBe('descending');
    await click(sorter('Duration'));
    expect([shown(), heading('Duration').getAttribute('aria-sort')]).toEqual([['a', 'c', 'b'], 'ascending']);
    await click(sorter('Duration'));
    expect([shown(), heading('Duration').getAttribute('aria-sort')]).toEqual([['c', 'a', 'b'], 'descending']);
    await click(sorter('Release'));
    expect(shown()).toEqual(['c', 'b', 'a']);
    expect(heading('Duration').getAttribute('aria-sort')).toBe('none');
    await click(sorter('Started'));
    expect(shown()).toEqual(['c', 'b', 'a']);
  });

  test('arrow keys go from heading to heading, of which Tab reaches one', async () => {
    const reachable = () => all('[role=columnheader] button').filter(({ tabIndex }) => tabIndex === 0);
    expect(reachable()).toEqual([sorter('Verdict')]);
    act(() => sorter('Verdict').focus());
    await press(sorter('Verdict'), 'ArrowRight');
    expect(document.activeElement).toBe(sorter('Decision'));
    await press(sorter('Decision'), 'End');
    expect(document.activeElement).toBe(sorter('Operator'));
    expect(reachable()).toEqual([sorter('Operator')]);
    expect(edge('Operator').tabIndex).toBe(0);
    expect(edge('Verdict').tabIndex).toBe(-1);
  });
});

describe('widths', () => {
  test('arrow keys move the edge of a column, within bounds; Enter brings the first width back', async () => {
    expect(widthOf('Duration')).toBe(74);
    await press(edge('Duration'), 'ArrowRight');
    expect(widthOf('Duration')).toBe(82);
    await press(edge('Duration'), 'ArrowLeft', { shiftKey: true });
    expect(widthOf('Duration')).toBe(42);
    await press(edge('Duration'), 'ArrowLeft', { shiftKey: true });
    expect(widthOf('Duration')).toBe(32);
    await press(edge('Duration'), 'Enter');
    expect(widthOf('Duration')).toBe(74);
    expect(shown()).toEqual(['c', 'b', 'a']);
  });
});

describe('columns', () => {
  test('are left out and taken in again; what sorts goes on sorting', async () => {
    await click(sorter('Duration'));
    await choose('Duration');
    expect(headings()).not.toContain('Duration');
    expect(all('[role=row][aria-selected]')[0]?.children).toHaveLength(9);
    expect(shown()).toEqual(['a', 'c', 'b']);
    await choose('Duration');
    expect(headings()).toContain('Duration');
  });

  test('the last one stays', async () => {
    const [last, ...others] = runsGrid.columns.map(({ title }) => title).toReversed();
    for (const title of others) await choose(title);
    expect(headings()).toEqual([last]);
    await choose(last ?? '');
    expect(headings()).toEqual([last]);
  });
});

describe('rows', () => {
  test('keys go from row to row', async () => {
    for (const [key, scenario] of Object.entries({ ArrowDown: 'c', End: 'a', ArrowUp: 'b', Home: 'c', PageDown: 'a', PageUp: 'c' })) {
      await press(frame(), key);
      expect(underKeyboard(), key).toContain(scenario);
    }
    expect(all('[aria-selected=true]')).toHaveLength(1);
    expect(frame().getAttribute('aria-rowcount')).toBe('4');
    expect(all('[role=row]').map((row) => row.getAttribute('aria-rowindex'))).toEqual(['1', '2', '3', '4']);
  });

  test('keys do what the view does with a row', async () => {
    await press(frame(), 'Enter');
    expect(deeds.onOpen).not.toHaveBeenCalled();
    await press(frame(), 'Home');
    await press(frame(), 'Enter');
    expect(deeds.onOpen.mock.lastCall?.[0]).toBe(runs[0]);
    await press(frame(), ' ');
    expect(deeds.onToggle.mock.lastCall?.[0]).toBe(runs[0]);
    await press(frame(), 'ArrowDown', { shiftKey: true });
    expect(deeds.onExtend.mock.lastCall?.[0]).toBe(runs[1]);
    await press(frame(), 'Delete');
    expect(deeds.onDelete.mock.lastCall?.[0]).toBe(runs[0]);
    await press(frame(), 'a', { ctrlKey: true });
    expect(deeds.onChooseAll).toHaveBeenCalledOnce();
    await press(frame(), 'Escape');
    expect(deeds.onLetGo).toHaveBeenCalledOnce();
  });

  test('keys in a heading are the heading’s', async () => {
    await press(frame(), 'Home');
    await press(sorter('Scenario'), 'Delete');
    await press(edge('Scenario'), 'End');
    expect(deeds.onDelete).not.toHaveBeenCalled();
    expect(underKeyboard()).toContain('c');
  });
});

describe('what is remembered', () => {
  test('order, widths and columns are there again, and go back to how they were at first', async () => {
    await click(sorter('Scenario'));
    await press(edge('Release'), 'ArrowRight');
    await choose('Verdict');
    await reopen();
    expect(shown()).toEqual(['a', 'b', 'c']);
    expect(widthOf('Release')).toBe(72);
    expect(headings()).not.toContain('Verdict');
    await choose('Columns, widths and order as at first');
    await reopen();
    expect(shown()).toEqual(['c', 'b', 'a']);
    expect(widthOf('Release')).toBe(64);
    expect(headings()).toHaveLength(10);
  });

  const rubbish: readonly unknown[] = [
    'nothing like it',
    [1, 2],
    { runs: 7 },
    { runs: { widths: 'wide', hidden: { all: true }, sort: 'up' } },
    { runs: { widths: { duration: -4 }, hidden: ['nobody', 3], sort: { column: 'nobody', descending: true } } },
    { runs: { widths: { nobody: 90, scenario: null }, hidden: runsGrid.columns.map(({ name }) => name) } },
  ];
  test.each(rubbish.map((grids) => [JSON.stringify(grids), grids]))('%s is as if nobody had arranged anything', async (_text, grids) => {
    kept = JSON.stringify({ grids });
    await close();
    kept = JSON.stringify({ grids });
    await open();
    expect(shown()).toEqual(['c', 'b', 'a']);
    expect(heading('Started').getAttribute('aria-sort')).toBe('descending');
    expect(headings()).toHaveLength(10);
    expect(widthOf('Duration')).toBe(74);
    await press(edge('Duration'), 'ArrowRight');
    await reopen();
    expect(widthOf('Duration')).toBe(82);
  });

  test('a part that does not read takes no other with it', async () => {
    await close();
    kept = JSON.stringify({ grids: { runs: { widths: { release: 100 }, hidden: 5 }, other: 'rubbish' } });
    await open();
    expect(widthOf('Release')).toBe(100);
    expect(headings()).toHaveLength(10);
  });
});

/**
 * What stands around the text in the editor, as an operator sees it: tabs, and what has to be decided about a file or a run. The text
 * itself needs a browser.
 * @vitest-environment happy-dom
 */
import { MantineProvider } from '@mantine/core';
import { createElement, Fragment, type ComponentType } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoresContext } from '../../../renderer/stores/context.ts';
import { createOpenFiles, type OpenFile } from '../../../renderer/stores/open-files.ts';
import { createSession, type Workspace } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { ClosingDialog, ConflictDialog, OutsideBar, ReadOnlyBar } from '../../../renderer/views/run/editor/decisions.tsx';
import { EditorTabs } from '../../../renderer/views/run/editor/editor-tabs.tsx';
import { FakeCore } from '../fake-core.ts';

const path = 'scenarios/failover.scn';
const theirs = { text: 'echo theirs\n', hash: 'b'.repeat(64), modified: 2 };
const open: OpenFile = {
  path,
  kind: 'scenario',
  text: 'echo mine\n',
  saved: 'echo\n',
  hash: 'a'.repeat(64),
  readOnly: false,
  outside: 'same',
};

let stores: Stores;
let root: Root;
let page: HTMLElement;
let core: FakeCore;

beforeEach(() => {
  stores = new Stores();
  core = new FakeCore({ 'file.read': () => theirs });
  const workspace = { folder: '/exchange', environments: [], scenarios: [] } as unknown as Workspace;
  stores.get(createSession).setState({ connection: { kind: 'connected', core, generation: 1 }, workspace });
  page = document.body.appendChild(document.createElement('div'));
  root = createRoot(page);
});
afterEach(async () => {
  root.unmount();
  page.remove();
  await stores.dispose();
});

function show(part: ComponentType, file: Partial<OpenFile> = {}): void {
  stores.get(createOpenFiles).setState({ files: [{ ...open, ...file }], active: path });
  root.render(
    createElement(
      StoresContext,
      { value: stores },
      createElement(MantineProvider, null, createElement(Fragment, null, createElement(part))),
    ),
  );
}

const files = () => stores.get(createOpenFiles).getState();
const text = (): string => [...page.children].map((each) => (each.tagName === 'STYLE' ? '' : each.textContent)).join('');
const dialog = () => document.querySelector('[role=dialog]');
const press = async (name: string): Promise<void> => {
  const named = (): HTMLElement | undefined =>
    [...document.querySelectorAll<HTMLElement>('button')].find(({ textContent }) => textContent === name);
  await expect.poll(named).toBeDefined();
  named()?.click();
};

describe('the tabs', () => {
  const names = () => [...page.querySelectorAll('[role=tab]')].map((tab) => tab.getAttribute('aria-label'));

  test('say what has unsaved changes and what is of the archive', async () => {
    show(EditorTabs);
    await expect.poll(names).toEqual(['failover.scn, unsaved changes']);
    stores.get(createOpenFiles).setState({ files: [{ ...open, path: 'run:1/failover', text: 'a', saved: 'a', readOnly: true }] });
    await expect.poll(names).toEqual(['failover, from the archive']);
  });

  test('of several, arrows go from one to the next, and Delete closes it', async () => {
    show(EditorTabs);
    const other = { ...open, path: 'scenarios/smoke.scn', text: 'a', saved: 'a' };
    stores.get(createOpenFiles).setState({ files: [open, other] });
    await expect.poll(() => names().length).toBe(2);
    const key = (named: string): void => {
      const tab = page.querySelector('[role=tab][aria-selected=true]');
      tab?.dispatchEvent(new KeyboardEvent('keydown', { key: named, bubbles: true }));
    };
    key('ArrowRight');
    await expect.poll(() => files().active).toBe(other.path);
    await expect.poll(() => page.querySelector('[aria-selected=true]')?.getAttribute('aria-label')).toBe('smoke.scn');
    key('Delete');
    await expect.poll(names).toEqual(['failover.scn, unsaved changes']);
  });
});

describe('the bars', () => {
  test('a text of the archive says that it cannot be changed; one of the workspace says nothing', async () => {
    show(ReadOnlyBar, { readOnly: true });
    await expect.poll(text).toContain('From the archive');
    show(ReadOnlyBar);
    await expect.poll(text).toBe('');
  });

  test('a file that somebody else changed can be read anew', async () => {
    show(OutsideBar, { outside: 'changed' });
    await expect.poll(text).toContain('Somebody else changed this file');
    await press('Take theirs');
    await expect.poll(() => files().files[0]).toMatchObject({ text: theirs.text, saved: theirs.text, hash: theirs.hash, outside: 'same' });
    await expect.poll(text).toBe('');
  });

  test('a file that somebody else removed keeps its text until it is closed', async () => {
    show(OutsideBar, { outside: 'removed' });
    await expect.poll(text).toContain('Your text is still here');
    expect(files().files[0]?.text).toBe(open.text);
    await press('Close it');
    await expect.poll(() => files().files).toEqual([]);
  });
});

describe('the dialogs', () => {
  test('closing a file with unsaved changes: staying is what comes first, giving up closes it', async () => {
    show(ClosingDialog);
    expect(dialog()).toBeNull();
    stores.get(createOpenFiles).closeFile(path);
    await expect.poll(() => dialog()?.textContent).toContain(`Save the changes of ${path}?`);
    await press('Stay');
    await expect.poll(dialog).toBeNull();
    expect(files().files).toHaveLength(1);
    stores.get(createOpenFiles).closeFile(path);
    await press('Give them up');
    await expect.poll(() => files().files).toEqual([]);
  });

  test('a refused save: later keeps everything as it is, theirs takes their text', async () => {
    show(ConflictDialog);
    const conflict = { path, theirs };
    stores.get(createOpenFiles).setState({ conflict });
    await expect.poll(() => dialog()?.textContent).toContain('was changed by somebody else');
    await press('Decide later');
    await expect.poll(dialog).toBeNull();
    expect(files().files[0]).toMatchObject({ text: open.text });
    stores.get(createOpenFiles).setState({ conflict });
    await press('Take theirs');
    await expect.poll(() => files().files[0]).toMatchObject({ text: theirs.text, hash: theirs.hash });
  });

  test('a refused save of a file that is gone: nothing of theirs is offered', async () => {
    show(ConflictDialog);
    stores.get(createOpenFiles).setState({ conflict: { path, theirs: null } });
    await expect.poll(() => dialog()?.textContent).toContain('removed or renamed');
    expect(dialog()?.textContent).not.toContain('Take theirs');
  });
});

/**
 * The panel of files as an operator sees it: without a workspace, with an empty one, with files, with one that cannot be read, and with a lost core.
 * @vitest-environment happy-dom
 */
import { MantineProvider } from '@mantine/core';
import { createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WorkspaceFile } from '#shared/contract/workspace.ts';
import { ProblemError } from '#shared/problem.ts';
import { StoresContext } from '../../../renderer/stores/context.ts';
import { createSession, type Workspace } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { FilesPanel } from '../../../renderer/views/run/files/index.tsx';
import { FakeCore } from '../fake-core.ts';

const folder = '/exchange';
const file = (path: string, kind: WorkspaceFile['kind'] = 'scenario'): WorkspaceFile => ({ path, kind, size: 10, modified: 1 });
const some = [
  file('scenarios/failover.scn'),
  file('scenarios/deep/smoke.scn'),
  file('environment.yaml', 'environment'),
  file('notes.txt', 'other'),
];

let stores: Stores;
let root: Root;
let page: HTMLElement;
let files: readonly WorkspaceFile[] | ProblemError;

beforeEach(() => {
  // The page of a browser has these; the one of this test has not.
  vi.stubGlobal('requestIdleCallback', (callback: () => void) => setTimeout(callback, 0));
  vi.stubGlobal('cancelIdleCallback', (handle: number) => clearTimeout(handle));
  stores = new Stores();
  files = some;
  page = document.body.appendChild(document.createElement('div'));
  root = createRoot(page);
});
afterEach(async () => {
  root.unmount();
  page.remove();
  await stores.dispose();
  // Effects of the unmounted panel still need them.
  await new Promise((resolve) => setTimeout(resolve, 0));
  vi.unstubAllGlobals();
});

function open(): FakeCore {
  const core = new FakeCore({
    'workspace.files': () => {
      if (files instanceof ProblemError) throw files;
      return { files: [...files] };
    },
    'file.read': () => ({ text: 'start_load\nwait 1s\n', hash: 'a'.repeat(64), modified: 1 }),
    'drafts.list': () => ({ drafts: [] }),
    'layout.load': () => ({ layout: null }),
    'layout.save': () => ({}),
  });
  stores.get(createSession).setState({
    connection: { kind: 'connected', core, generation: 1 },
    workspace: { folder, environments: [], scenarios: [] } as unknown as Workspace,
  });
  return core;
}

const show = (): void =>
  root.render(createElement(StoresContext, { value: stores }, createElement(MantineProvider, null, createElement(FilesPanel))));
const text = (): string => [...page.children].map((each) => (each.tagName === 'STYLE' ? '' : each.textContent)).join('');
const rows = (): (string | null)[] => [...page.querySelectorAll('[role=treeitem]')].map((row) => row.textContent);

/** As typing does: React looks at the property of the prototype. */
function type(input: HTMLInputElement, value: string): void {
  Reflect.set(HTMLInputElement.prototype, 'value', value, input);
  input.dispatchEvent(new Event('input', { bubbles: true }));
}

test('without a workspace it says so', async () => {
  show();
  await expect.poll(text).toContain('No workspace is open');
});

test('of an empty folder it says what to do', async () => {
  files = [];
  open();
  show();
  await expect.poll(text).toContain('This folder has no files yet');
  expect(text()).toContain('Press + for a new scenario.');
});

test('has the files as a tree, and only those of a name when one is looked for', async () => {
  open();
  show();
  await expect.poll(() => rows().length).toBeGreaterThanOrEqual(5);
  expect(rows().join(' ')).toMatch(/failover.*smoke|smoke.*failover/s);
  const input = page.querySelector<HTMLInputElement>('[aria-label="Filter files by name"]');
  if (!input) throw new Error('there is no filter');
  type(input, 'smo');
  await expect.poll(() => rows().join(' ')).not.toContain('failover');
  expect(rows().join(' ')).toContain('smoke');
  type(input, 'nothing is called so');
  await expect.poll(text).toContain('No file has this in its name.');
});

test('of a folder that cannot be read it is told, and nothing is claimed of it', async () => {
  files = new ProblemError({ code: 'unreadable', message: 'The folder cannot be read.' });
  open();
  show();
  const notices = (): string[] =>
    stores
      .get(createSession)
      .getState()
      .notices.map(({ message }) => message);
  await expect.poll(notices).toContain('The folder cannot be read.');
  expect(text()).not.toContain('This folder has no files yet');
});

test('keeps what it showed when the core is lost', async () => {
  open();
  show();
  await expect.poll(() => rows().length).toBeGreaterThanOrEqual(5);
  stores.get(createSession).setState({ connection: { kind: 'lost', coreEnd: null, since: 1_000 } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(rows().join(' ')).toContain('failover');
});

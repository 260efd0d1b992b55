/**
 * What the console keeps with the core is there before it is read again: a folder that is left and opened again at once, or another one,
 * loses nothing of what was arranged or typed a moment before, however slow the core is.
 *
 * @vitest-environment happy-dom
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createDrafts } from '../../../renderer/stores/drafts.ts';
import { createLayout } from '../../../renderer/stores/layout.ts';
import { createOpenFiles } from '../../../renderer/stores/open-files.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { createTrust } from '../../../renderer/stores/trust.ts';
import { createOpening } from '../../../renderer/stores/workspace.ts';
import { FakeCore } from '../fake-core.ts';

let stores: Stores;
/** What the core keeps: layouts and drafts by folder. */
let layouts: Map<string, string>;
let drafts: string[];
/** Lets the core answer what it was given to keep. */
let answer: () => void;

beforeEach(() => {
  stores = new Stores();
  layouts = new Map();
  drafts = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  answer = resolve;
  const core = new FakeCore({
    'workspace.open': ({ folder }) => ({ folder, environments: [], scenarios: [], trusted: false, git: null, problems: [] }) as never,
    'layout.load': ({ folder }) => ({ layout: layouts.get(folder) ?? null }),
    'layout.save': async ({ folder, layout }) => {
      await promise;
      layouts.set(folder, layout);
      return {};
    },
    'drafts.save': async ({ folder, draft }) => {
      await promise;
      drafts.push(`${folder}/${draft.path}: ${draft.text}`);
      return {};
    },
    'runs.active': () => ({ runs: [] }),
  });
  stores.get(createSession).setState({ connection: { kind: 'connected', core, generation: 1 } });
});
afterEach(() => stores.dispose());

async function open(folder: string): Promise<void> {
  expect(await stores.get(createOpening).openWorkspace(folder)).toBe(true);
}

test('a folder about which somebody was asked is not asked about again, also when it is opened anew while that is being saved', async () => {
  await open('/a');
  const trust = stores.get(createTrust);
  expect(trust.getState().question).toBe('/a');
  trust.closeQuestion();
  const saved = stores.get(createLayout).saveLayoutNow();
  const again = open('/a');
  setTimeout(answer, 20);
  await Promise.all([saved, again]);
  expect(trust.getState().question).toBeNull();
  expect(stores.get(createLayout).layoutSection('trust-asked', z.boolean())).toBe(true);
});

test('what was typed just before another folder is opened is kept with the one that is left', async () => {
  await open('/a');
  const stop = stores.get(createDrafts).keepDrafts();
  const file = { path: 'a.scn', kind: 'scenario', text: 'echo', saved: 'echo', hash: null, readOnly: false, outside: 'same' } as const;
  stores.get(createOpenFiles).putFile(file);
  stores.get(createOpenFiles).editText('a.scn', 'echo more');
  const other = open('/b');
  setTimeout(answer, 20);
  await other;
  expect(drafts).toEqual(['/a/a.scn: echo more']);
  stop();
});

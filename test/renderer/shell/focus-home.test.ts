/**
 * Where the keyboard is while dialogs come and go.
 *
 * @vitest-environment happy-dom
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepFocusHome } from '../../../renderer/views/shell/focus-home.ts';

let end: () => void;
beforeEach(() => {
  document.body.innerHTML = '<main><input id="editor"></main><section data-notices><button id="notice">Undo</button></section>';
  end = keepFocusHome();
});
afterEach(() => end());

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`There is no ${id}.`);
  return found;
}

function openDialog(name: string): HTMLElement {
  const dialog = document.createElement('div');
  dialog.setAttribute('role', 'dialog');
  dialog.setAttribute('aria-modal', 'true');
  dialog.innerHTML = `<button id="${name}-other">Other</button><button id="${name}-safe" data-autofocus>Cancel</button>`;
  document.body.append(dialog);
  return dialog;
}

const focused = (): string | undefined => document.activeElement?.id;

test('a view that comes up behind a dialog does not take the keyboard from what had it there', async () => {
  openDialog('question');
  element('question-other').focus();
  element('editor').focus();
  await expect.poll(focused).toBe('question-other');
});

test('a dialog that never had the keyboard gets it, where it wants it', async () => {
  openDialog('question');
  element('editor').focus();
  await expect.poll(focused).toBe('question-safe');
});

test('of several dialogs the one in front holds it', async () => {
  openDialog('behind');
  openDialog('front');
  element('behind-safe').focus();
  element('editor').focus();
  await expect.poll(focused).toBe('front-safe');
});

test('what wanted it behind a dialog that is just being closed has it', async () => {
  const dialog = openDialog('question');
  element('question-safe').focus();
  element('editor').focus();
  dialog.remove();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(focused()).toBe('editor');
});

test('what wanted it behind a dialog has it when that is gone', async () => {
  const dialog = openDialog('question');
  element('question-safe').focus();
  element('editor').focus();
  await expect.poll(focused).toBe('question-safe');
  dialog.remove();
  await expect.poll(focused).toBe('editor');
});

test('notices and what opens over a dialog are not behind it', async () => {
  openDialog('question');
  const list = document.createElement('div');
  list.dataset['portal'] = 'true';
  list.innerHTML = '<button id="choice">One</button>';
  document.body.append(list);
  for (const id of ['notice', 'choice']) {
    element(id).focus();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(focused()).toBe(id);
  }
});

/**
 * The bar of controls: arrow keys go from button to button, and leave fields alone.
 * @vitest-environment happy-dom
 */
import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Toolbar } from '../../renderer/components/toolbar.tsx';

let root: Root;
let page: HTMLElement;

beforeEach(() => {
  page = document.body.appendChild(document.createElement('div'));
  root = createRoot(page);
  const button = (name: string, disabled = false) => createElement('button', { key: name, id: name, disabled });
  const field = createElement('input', { key: 'field', id: 'field' });
  flushSync(() =>
    root.render(
      createElement(Toolbar, { label: 'Run', children: [button('start'), button('pause', true), field, button('stop'), button('more')] }),
    ),
  );
});
afterEach(() => {
  root.unmount();
  page.remove();
});

/** Presses a key on something; returns what has the keyboard then. */
function press(on: string, key: string, more: KeyboardEventInit = {}): string | undefined {
  page.querySelector<HTMLElement>(`#${on}`)?.focus();
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  return document.activeElement?.id;
}

test.each([
  ['start', 'ArrowRight', 'stop'],
  ['stop', 'ArrowLeft', 'start'],
  ['start', 'ArrowLeft', 'start'],
  ['more', 'ArrowRight', 'more'],
  ['start', 'End', 'more'],
  ['more', 'Home', 'start'],
])('from %s, %s leads to %s', (from, key, to) => expect(press(from, key)).toBe(to));

test('a field keeps its keys, and so do shortcuts', () => {
  expect(press('field', 'ArrowRight')).toBe('field');
  expect(press('start', 'ArrowRight', { altKey: true })).toBe('start');
});

/**
 * A name that is cut in its middle: all of it is there, in two parts, and its end is never the part that is cut.
 * @vitest-environment happy-dom
 */
import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test, vi } from 'vitest';
import { LongName } from '../../../renderer/components/long-name.tsx';

test.each([
  ['tests/test_market.py::test_two_orders_at_once', ['tests/test_market.py::tes', 't_two_orders_at_once']],
  ['books.mjs::sixty orders, sequence 01', ['books.mjs::sixty', ' orders, sequence 01']],
  ['a little longer than it', ['a little longer than it']],
  ['short', ['short']],
])('%s', async (name, parts) => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const page = document.body.appendChild(document.createElement('div'));
  const root = createRoot(page);
  await act(async () => root.render(createElement(LongName, { name, end: 20 })));
  const leaves = [...page.querySelectorAll('span')].filter(({ childElementCount }) => childElementCount === 0);
  expect(leaves.map(({ textContent }) => textContent)).toEqual(parts);
  act(() => root.unmount());
  page.remove();
  vi.unstubAllGlobals();
});

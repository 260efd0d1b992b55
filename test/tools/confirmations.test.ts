/** Every question about something dangerous is answered through the one component that gives the safe answer the focus. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'renderer');
const decider = 'confirmation-buttons.tsx';

const screens = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.tsx') && !name.endsWith(decider))
  .map((name) => ({ name: name.replaceAll('\\', '/'), text: readFileSync(join(folder, name), 'utf8') }));

/** Buttons of a text, each with its attributes and what is written on it. */
function buttons(text: string): string[] {
  return [...text.matchAll(/<Button\b(?:=>|[^<])*<\/Button>/g)].map(([button]) => button);
}

/** Buttons that may have the focus when their window opens: they do nothing but close it, or only open a chooser. */
const harmless = /\n\s*(?:Close|Choose files…)\s*\n/;

describe('the focus of a window that asks', () => {
  test('there are screens with buttons to look at', () => {
    expect(screens.flatMap(({ text }) => buttons(text)).length).toBeGreaterThan(40);
  });

  test('no button takes the focus by itself, except those that only close or choose', () => {
    const focused = screens.flatMap(({ name, text }) =>
      buttons(text)
        .filter((button) => /data-autofocus|autoFocus/.test(button) && !harmless.test(button))
        .map((button) => `${name}: ${button}`),
    );
    expect(focused).toEqual([]);
  });

  test('what destroys is asked about with the confirmation buttons only', () => {
    const red = screens.flatMap(({ name, text }) =>
      buttons(text)
        .filter((button) => /color="red"/.test(button))
        .map((button) => `${name}: ${button}`),
    );
    expect(red).toEqual([]);
  });
});

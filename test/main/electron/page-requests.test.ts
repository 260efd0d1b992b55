/** Who is answered over IPC: each refusal by itself. Electron is replaced by what these files use of it. */
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { answerPage } from '#main/electron/page-requests.ts';
import { isWebLink } from '#main/electron/window.ts';

const { handlers } = vi.hoisted(() => ({ handlers: new Map<string, (event: unknown, ...payload: unknown[]) => unknown>() }));
vi.mock('electron', () => ({
  ipcMain: { handle: (channel: string, handler: () => unknown) => handlers.set(channel, handler) },
  session: {},
  shell: {},
}));

const answer = vi.fn((_: unknown, payload: unknown) => payload);
beforeEach(() => {
  answer.mockClear();
  answerPage('testops:sample', z.tuple([z.int().min(1)]), answer);
});

/** Calls the handler as a frame at this address would; `main`: whether it is the page's own frame. */
function call(url: string, main: boolean, ...payload: unknown[]): unknown {
  const frame = { url };
  return handlers.get('testops:sample')?.({ senderFrame: frame, sender: { mainFrame: main ? frame : { url } } }, ...payload);
}

test('the console’s own page is answered', () => {
  expect(call('app://console/', true, 7)).toEqual([7]);
  expect(call('app://console/index.html', true, 7)).toEqual([7]);
});

test.each([
  'https://example.com/',
  'app://other/',
  'app://console.example/',
  'app://consoles/',
  'file:///app://console/',
  'http://app://console/',
  'data:text/html,app://console/',
  'about:blank',
  '',
])('a page at %j is refused', (url) => {
  expect(() => call(url, true, 7)).toThrow('Refused: only the console’s own page may ask for this.');
  expect(answer).not.toHaveBeenCalled();
});

test('a frame within the page is refused', () => {
  expect(() => call('app://console/', false, 7)).toThrow('Refused: only the console’s own page');
});

test('a frame that is gone is refused', () => {
  expect(() => handlers.get('testops:sample')?.({ senderFrame: null, sender: { mainFrame: null } }, 7)).toThrow('Refused');
});

test.each([[[]], [[0]], [['7']], [[7, 8]], [[null]], [[{ valueOf: 7 }]]])('the payload %j is refused', (payload) => {
  expect(() => call('app://console/', true, ...payload)).toThrow('Refused: this request is malformed.');
  expect(answer).not.toHaveBeenCalled();
});

test('only plain https links leave for the system’s browser', () => {
  expect(isWebLink('https://example.com/a?b#c')).toBe(true);
  for (const link of [
    'http://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://host/x',
    'https://user:word@example.com/',
    'rubbish',
  ]) {
    expect([link, isWebLink(link)]).toEqual([link, false]);
  }
});

/** Which action a key press means. */
import { describe, expect, test } from 'vitest';
import { actionOf, takesKey } from '../../../renderer/views/shell/key-handling.ts';
import { keyOf, type Action } from '../../../renderer/stores/actions.ts';

const typing = { typing: true, view: 'run' } as const;
const reading = { typing: false, view: 'run' } as const;

const pressed = (key: string, held: Partial<Parameters<typeof keyOf>[0]> = {}) =>
  keyOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
const action = (id: string, keys: readonly string[], more: Partial<Action> = {}): Action => ({
  id,
  title: id,
  group: 'Test',
  keys,
  perform: () => undefined,
  ...more,
});

describe('keys', () => {
  test('are named as actions name them', () => {
    expect(pressed('p', { ctrlKey: true })).toBe('Mod+P');
    expect(pressed('F5', { shiftKey: true })).toBe('Shift+F5');
    expect(pressed('?', { shiftKey: true })).toBe('?');
    expect(pressed(' ')).toBe('Space');
    // A Mac's Option key makes other signs of the digits.
    expect(pressed('¡', { altKey: true, code: 'Digit1' })).toBe('Alt+1');
  });

  test('while text is typed, only function keys and keys that say so act', () => {
    const actions = [action('letter', ['N']), action('step', ['F10']), action('save', ['Mod+S'], { whileTyping: true })];
    expect(actionOf('N', typing, actions)).toBeUndefined();
    expect(actionOf('N', reading, actions)?.id).toBe('letter');
    expect(actionOf('F10', typing, actions)?.id).toBe('step');
    expect(actionOf('Mod+S', typing, actions)?.id).toBe('save');
  });

  test('of two actions with one key the later that can be done now is meant', () => {
    const actions = [action('first', ['F5']), action('second', ['F5']), action('third', ['F5'], { enabled: () => false })];
    expect(actionOf('F5', reading, actions)?.id).toBe('second');
    expect(actionOf('F5', reading, actions.slice(2))?.id).toBe('third');
    expect(actionOf('F6', reading, actions)).toBeUndefined();
  });

  test('outside the Run view nothing acts on what only it shows; a run can still be paused', () => {
    const actions = [
      action('import', ['Mod+I']),
      action('suggest', ['Mod+I'], { group: 'Editor' }),
      action('pause', ['F6'], { group: 'Run' }),
    ];
    expect(actionOf('Mod+I', reading, actions)?.id).toBe('suggest');
    expect(actionOf('Mod+I', { typing: false, view: 'archive' }, actions)?.id).toBe('import');
    expect(actionOf('F6', { typing: false, view: 'archive' }, actions)?.id).toBe('pause');
  });

  test('an action that cannot be done now keeps its key from others, but Escape still closes what is open', () => {
    expect(takesKey('F5', false)).toBe(true);
    expect(takesKey('Escape', false)).toBe(false);
    expect(takesKey('Escape', true)).toBe(true);
  });
});

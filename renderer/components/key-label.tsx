/** A key as the operator's keyboard has it: Mod is Ctrl, on a Mac the command sign. */
import { Kbd } from '@mantine/core';

const isMac = navigator.userAgent.includes('Mac OS');
const signs: Readonly<Record<string, string>> = {
  Mod: isMac ? '⌘' : 'Ctrl',
  Alt: isMac ? '⌥' : 'Alt',
  Shift: isMac ? '⇧' : 'Shift',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** `Ctrl+Shift+F5` for `Mod+Shift+F5`. */
export function keyText(key: string): string {
  if (key.endsWith('++')) return `${keyText(key.slice(0, -2))}++`;
  return key
    .split('+')
    .map((part) => signs[part] ?? part)
    .join('+');
}

export function KeyLabel({ keys }: { readonly keys: string }) {
  return <Kbd>{keyText(keys)}</Kbd>;
}

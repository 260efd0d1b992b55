/** Text that others wrote, made inert: nothing in it can colour, reorder, hide or blank what stands on the screen. */

/** Anything that needs a second look; most texts have nothing of it. */
const suspicious =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;

/** ANSI escape sequences: colours and cursor movements (CSI), titles and links (OSC), and the short ones. */
const ansiSequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[PX^_][^\u001b\u009c]*(?:\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

const invisible =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** What a character that cannot be seen is shown as: control pictures for the old ones, `‹U+202E›` for the others. */
function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\t') return '    ';
  if (character === '\n') return '⏎ ';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}

/** The text as one line without escape sequences, with every invisible character made visible. */
export function inertText(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .replace(/\r?\n$/, '')
    .replace(ansiSequences, '')
    .replace(invisible, visible);
}

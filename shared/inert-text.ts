/**
 * Text that somebody else wrote (tested programs, other operators, hostile files), made harmless to read: nothing in it can
 * colour, move, reorder, hide or blank what stands around it, on a screen, in a terminal or in a report.
 */

/**
 * Control characters, soft hyphens, marks that set the direction of text or cannot be seen, tags, and halves of pairs that
 * stand alone. Tab and line feed are among them.
 */
const activeCharacters =
  '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff0-\\ufffb\\u{e0000}-\\u{e007f}]|\\p{Cs}';
const active = new RegExp(activeCharacters, 'gu');
/** Most texts have nothing of it. */
const suspicious = new RegExp(activeCharacters, 'u');

/** Sequences that terminals obey: colours and cursor movements (CSI), titles and links (OSC), and the short ones. */
const terminalSequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[PX^_][^\u001b\u009c]*(?:\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

/**
 * The text as one line for a screen: without terminal sequences, and with every character that would act shown instead:
 * control pictures for the old ones, `‹U+202E›` for the others, `⏎` where a line ended.
 */
export function inertText(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .replace(/\r?\n$/, '')
    .replaceAll('\r\n', '\n')
    .replace(terminalSequences, '')
    .replace(active, visible);
}

/** The same as a block for a screen: its lines stay lines. */
export function inertBlock(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .replaceAll('\r\n', '\n')
    .replace(terminalSequences, '')
    .replace(active, (character) => (character === '\n' ? character : visible(character)));
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\t') return '    ';
  if (character === '\n') return '⏎ ';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}

/**
 * The text with its lines and tabs, for terminals and files: every other character that would act is replaced by `�`. What
 * stood behind an escape stays readable, so that nothing is lost without a trace.
 */
export function inertLines(text: string): string {
  return text.replace(active, (character) => (character === '\t' || character === '\n' ? character : '\uFFFD'));
}

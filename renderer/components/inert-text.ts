/** Text that somebody else wrote, made harmless to read: it cannot colour, move, hide or turn anything around. */

/** Sequences that terminals obey: CSI, OSC and the short ones. */
const terminalSequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
/** Control characters, direction and invisible marks, and halves of pairs that stand alone. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/** The text in one line; what would act instead of being read is shown by its number, `‹202E›`. */
export function inertText(text: string): string {
  return text
    .replace(terminalSequences, '')
    .replace(/[\t\r\n]+/g, ' ')
    .replace(unseen, (sign) => `‹${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`);
}

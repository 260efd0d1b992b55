/** Text of tested programs and of people as reports may carry it: nothing in it can reorder or hide what stands around it. */

/** Control characters (but tab and line feed), characters that set the direction of text, invisible ones, and halves of pairs. */
const active =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function inertText(text: string): string {
  return text.replace(active, '\uFFFD');
}

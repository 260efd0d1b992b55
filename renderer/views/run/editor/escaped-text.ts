/**
 * Texts of others as Markdown in which nothing acts, with no more signs than that takes: what is made of them is read out and searched as it stands.
 * A `_` within a word and a full stop behind a sentence mean nothing there; a stop within a word would make a link of an address.
 */
export function escapedText(text: string): string {
  return text
    .replace(/[\\`*{}[\]<>|~&]/g, '\\$&')
    .replace(/(?<!\w)_|_(?!\w)/g, '\\_')
    .replace(/\.(?=\S)/g, '\\.')
    .replace(/^(\s*)([#+\-=])/gm, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/gm, '$1\\$2');
}

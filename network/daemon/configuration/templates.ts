/** Templates of the configuration: `{name}` and `{1}` are places to fill; `{{` and `}}` are braces themselves. */

export type TemplatePart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'place'; readonly name: string };

/** Splits a template; a brace that opens no place is text. */
export function parseTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  const add = (text: string): void => {
    const last = parts.at(-1);
    if (last?.kind === 'text') parts[parts.length - 1] = { kind: 'text', text: last.text + text };
    else if (text) parts.push({ kind: 'text', text });
  };
  let end = 0;
  for (const found of template.matchAll(/\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*|[0-9]{1,3})\}/g)) {
    add(template.slice(end, found.index));
    end = found.index + found[0].length;
    if (found[1] === undefined) add(found[0].charAt(0));
    else parts.push({ kind: 'place', name: found[1] });
  }
  add(template.slice(end));
  return parts;
}

/** Names of the places of a template. */
export function templatePlaces(template: string): readonly string[] {
  return parseTemplate(template).flatMap((part) => (part.kind === 'place' ? [part.name] : []));
}

/** Fills every place with what `value` gives for its name. */
export function fillTemplate(parts: readonly TemplatePart[], value: (name: string) => string): string {
  let filled = '';
  for (const part of parts) filled += part.kind === 'text' ? part.text : value(part.name);
  return filled;
}

/** A strict reader of small XML documents (elements, attributes, text, the five entities), so that reports are known to be well-formed. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const value = entities[name];
    if (value === undefined || !whole.endsWith(';')) throw new Error(`${whole} is no entity`);
    return value;
  });
}

/** The elements at the top; throws at the first thing that is not well-formed. */
export function readXml(text: string): XmlElement[] {
  const top: XmlElement[] = [];
  const open: XmlElement[] = [];
  let rest = text.replace(/^<\?xml [^?]*\?>/, '');
  while (rest !== '') {
    const content = /^[^<]+/.exec(rest)?.[0];
    if (content !== undefined) {
      decode(content);
      if (open.length === 0 && content.trim() !== '') throw new Error(`Text outside of every element: ${content}`);
      rest = rest.slice(content.length);
      continue;
    }
    const closing = /^<\/([A-Za-z]+)>/.exec(rest);
    if (closing) {
      if (open.pop()?.name !== closing[1]) throw new Error(`</${closing[1]}> closes nothing`);
      rest = rest.slice(closing[0].length);
      continue;
    }
    const opening = /^<([A-Za-z]+)((?: [A-Za-z]+="[^"<]*")*)(\/?)>/.exec(rest);
    if (!opening) throw new Error(`No tag: ${rest.slice(0, 80)}`);
    const attributes = [...(opening[2] ?? '').matchAll(/ ([A-Za-z]+)="([^"]*)"/g)].map(([, name, value]) => [name, decode(value ?? '')]);
    const element: XmlElement = { name: opening[1] ?? '', attributes: Object.fromEntries(attributes), children: [] };
    (open.at(-1)?.children ?? top).push(element);
    if (opening[3] === '') open.push(element);
    rest = rest.slice(opening[0].length);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.name}> is never closed`);
  return top;
}

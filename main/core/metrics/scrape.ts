/** One answer to a scrape: samples are added in any order, and come out in families, each series once. */
import { endOfExposition, familyHead, sampleLine, sampleName, type Family } from '../reports/open-formats/exposition.ts';
import type { Labels } from '../reports/open-formats/metric-names.ts';

export class Scrape {
  private readonly families = new Map<string, { readonly head: string; readonly lines: Map<string, string> }>();

  /** Adds a sample without a time: it is of now. The first of two of the same name and labels counts. */
  add(family: Family, labels: Labels, value: number): void {
    this.addNamed(family, sampleName(family, labels), value);
  }

  /** Adds a sample whose name with its labels is known. */
  addNamed(family: Family, name: string, value: number): void {
    if (Number.isNaN(value) || (family.type === 'counter' && value < 0)) return;
    const entry = this.families.get(family.family) ?? { head: familyHead(family), lines: new Map<string, string>() };
    this.families.set(family.family, entry);
    if (!entry.lines.has(name)) entry.lines.set(name, sampleLine(name, value, null));
  }

  text(): string {
    const families = [...this.families.values()].map(({ head, lines }) => head + [...lines.values()].join(''));
    return families.join('') + endOfExposition;
  }
}

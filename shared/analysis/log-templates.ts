/**
 * Groups log lines that differ only in numbers, identifiers, paths and quoted names. A line's template depends on that line alone,
 * so the same line has the same template in every run; parsers that learn from a stream (Drain and its kin) depend on what came
 * before, and two runs could not be compared by what they find.
 */
import type { LogTemplate } from './profile.ts';

/** Stands where lines of one template differ. */
export const variable = '<…>';
/** Templates that a table keeps; lines beyond them are counted together per component and severity. */
export const mostTemplates = 10_000;
/** Characters of a line that are looked at. */
const longestLine = 400;
/** Characters of an example that are kept. */
const longestExample = 1_000;

const digit = '[0-9]';
/**
 * What varies, in the order in which it is looked for: quoted names, addresses (URL), paths, and words that hold a digit with all
 * that clings to them (identifiers, times, numbers with units, hexadecimal, IP addresses with ports). Each part is bounded or
 * begins with a character that nothing before it can begin with, so matching takes linear time whatever the line.
 */
const varying = new RegExp(
  [
    // A date with its weekday and month: else each day would have lines of its own.
    `\\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} {1,2}${digit}{1,2}\\b`,
    // Names of hosts, of which each part is in small letters (of a class the last is not).
    `(?<![A-Za-z0-9_.-])[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){2,10}(?::${digit}{1,5})?(?![.:]?[A-Za-z0-9_(])`,
    `(?<![A-Za-z0-9_.-])[a-z0-9-]{1,63}\\.[a-z0-9-]{1,63}:${digit}{1,5}(?![A-Za-z0-9_])`,
    // Names of users and hosts that are said to be such.
    `(?<=\\b(?:r?user|rhost|host|hostname|logname|username|login)=)[^\\s,;]{1,200}`,
    `(?<=\\buser )[A-Za-z][A-Za-z0-9_.-]{0,63}(?= (?:from|by|at|\\[)|$)`,
    `(?<=\\bfor )[A-Za-z][A-Za-z0-9_.-]{0,63}(?= from )`,
    `"[^"]{0,200}"`,
    `(?<![A-Za-z0-9])'[^']{0,200}'(?![A-Za-z0-9])`,
    `\\b[a-z]{2,8}://[^\\s"'<>]{1,300}`,
    `(?<![^\\s=:(,[])~?\\.{0,2}/[^\\s"'<>,;)\\]]{1,300}`,
    `(?<![A-Za-z0-9_])[A-Za-z]:\\\\[^\\s"'<>,;)]{1,300}`,
    // A package or a build: name~version~architecture.
    `(?<![A-Za-z0-9_.~-])[A-Za-z0-9_.-]{1,100}~[A-Za-z0-9_.~-]{1,200}`,
    `(?:[+-]|<(?=${digit}))?(?:[A-Za-z_][A-Za-z_-]{0,64})?${digit}[A-Za-z0-9_.:%+@~-]{0,300}(?: ?(?:[KMGT]i?B|[mun]s|secs?)\\b)?`,
    `\\b[0-9a-f]{8,64}\\b`,
  ].join('|'),
  'g',
);
const everVarying = /[0-9"'/\\]|[0-9a-f]{8}|~|[a-z]\.[a-z-]+\.|=|\buser |\bfor /;
// Colour codes and other control characters are no part of what a line says.
const control = /\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g;
const severalSpaces = /\s{2,}|[\t\n\r]/g;
/** A list of things that vary varies in length too. */
const severalVariables = new RegExp(`${variable}(?:[,;] ?${variable})+|${variable}(?: ${variable}){3,}`, 'g');
/** An amount that is said again in another unit, where it is large enough; and a name that is not known. */
const saidAgain = new RegExp(`(?<= bytes) \\(${variable}\\)`, 'g');
const unknownName = / \(\)(?= )/g;

/** The text without colour codes and other control characters. */
export function withoutControl(text: string): string {
  return text.replace(control, '');
}

/** The text with `<…>` where it varies from line to line. */
export function templateOf(text: string): string {
  let line = text.length > longestLine ? text.slice(0, longestLine) : text;
  line = withoutControl(line);
  if (everVarying.test(line)) line = line.replace(varying, mask);
  line = line.replace(severalSpaces, ' ');
  if (!line.includes(variable)) return line.trim();
  return line.replace(severalVariables, variable).replace(saidAgain, '').replace(unknownName, ` (${variable})`).trim();
}

/** Punctuation at the end of what varies belongs to the sentence. */
function mask(found: string): string {
  const ending = /[.,:;-]+$/.exec(found);
  const first = found.charAt(0);
  const request = /^"[A-Z]{3,7} /.exec(found);
  if (request) return `${request[0]}${variable}"`;
  if (first === '"' || first === "'") return `${first}${variable}${first}`;
  return ending ? variable + ending[0] : variable;
}

/** One line, as a table takes it. */
export interface TemplateLine {
  readonly component: string;
  /** A command of the run printed it. */
  readonly printed?: true;
  readonly severity: LogTemplate['severity'];
  readonly text: string;
  /** ms since 1970 */
  readonly time: number;
  /** Key of the step that ran; null: none. */
  readonly step: string | null;
}

type Counted = { -readonly [Name in keyof LogTemplate]: LogTemplate[Name] };

/** Counts the lines of a run by template, in bounded memory. */
export class TemplateTable {
  readonly #byGroup = new Map<string, Map<string, Counted>>();
  readonly #limit: number;
  #size = 0;

  constructor(limit: number = mostTemplates) {
    this.#limit = limit;
  }

  /** Number of templates. */
  get size(): number {
    return this.#size;
  }

  add(line: TemplateLine): void {
    const group = this.#groupOf(line);
    const template = templateOf(line.text);
    const known = group.get(template) ?? (this.#size < this.#limit ? this.#begin(group, template, line) : this.#rest(group, line));
    known.count += 1;
    if (line.time < known.firstAt) {
      known.firstAt = line.time;
      known.example = line.text.slice(0, longestExample);
      known.step = line.step;
    }
  }

  /** In order of component, severity and template. */
  templates(): LogTemplate[] {
    const all = [...this.#byGroup.values()].flatMap((group) => [...group.values()]);
    const key = (each: LogTemplate): string => `${each.component}\n${each.severity}\n${each.template}\n${each.printed ?? ''}`;
    return all.map((each) => ({ ...each })).sort((left, right) => (key(left) < key(right) ? -1 : 1));
  }

  #groupOf({ component, severity, printed }: TemplateLine): Map<string, Counted> {
    const name = `${severity}\n${component}\n${printed ?? ''}`;
    let group = this.#byGroup.get(name);
    if (!group) {
      group = new Map();
      this.#byGroup.set(name, group);
    }
    return group;
  }

  #begin(group: Map<string, Counted>, template: string, line: TemplateLine): Counted {
    const { component, severity, time, step } = line;
    const example = line.text.slice(0, longestExample);
    const begun: Counted = {
      component,
      severity,
      template,
      count: 0,
      example,
      firstAt: time,
      step,
      ...(line.printed && { printed: true }),
    };
    group.set(template, begun);
    this.#size += 1;
    return begun;
  }

  /** What is beyond the limit counts as one template. */
  #rest(group: Map<string, Counted>, line: TemplateLine): Counted {
    return group.get(variable) ?? this.#begin(group, variable, line);
  }
}

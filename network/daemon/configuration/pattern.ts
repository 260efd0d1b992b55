/**
 * Regular expressions of the configuration: matched in linear time (RE2), so that no rule and no line can hang the daemon,
 * and preceded by a cheap look for a text that every match must contain.
 */
import { RE2JS } from 're2js';
import { requiredLiteral } from './required-literal.ts';

export interface Match {
  /** The whole match, then its groups; a group that took no part is undefined. */
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

export class LinearPattern {
  readonly source: string;
  /** Names of its groups. */
  readonly names: readonly string[];
  readonly groupCount: number;
  private readonly expression: RE2JS;
  private readonly literal: string | undefined;

  /** Throws what {@link patternFault} tells for an expression that is none. */
  constructor(source: string) {
    this.source = source;
    this.expression = RE2JS.compile(source);
    this.names = Object.keys(this.expression.namedGroups());
    this.groupCount = this.expression.groupCount();
    this.literal = requiredLiteral(source);
  }

  /** Whether it occurs in the text. */
  test(text: string): boolean {
    if (this.literal !== undefined && !text.includes(this.literal)) return false;
    return this.expression.test(text);
  }

  /** The first occurrence in the text. */
  find(text: string): Match | undefined {
    if (this.literal !== undefined && !text.includes(this.literal)) return undefined;
    const found = this.expression.exec(text) as RegExpExecArray | null;
    if (found === null) return undefined;
    return { groups: found, named: found.groups ?? {} };
  }
}

const advice: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/, 'Look-ahead and look-behind cannot be matched in linear time: match the whole text and take the part with a group.'],
  [/\\[1-9]|\\k</, 'Back-references cannot be matched in linear time: use two groups and leave the comparison to the reader.'],
  [/\(\?>|[*+?}]\+/, 'Atomic groups and possessive quantifiers are not needed in linear-time matching: leave them out.'],
];

/** Why an expression cannot be used, and what to do instead; undefined where it can. */
export function patternFault(source: string): { readonly message: string; readonly tip: string } | undefined {
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message.replace(/^error parsing regexp: /, '') : String(failure);
    const tip =
      advice.find(([sign]) => sign.test(source))?.[1] ??
      'Expressions are written as for RE2 (Go, Grafana), for example "STATE (?P<state>\\w+)".';
    return { message: `is no linear-time regular expression (${reason})`, tip };
  }
}

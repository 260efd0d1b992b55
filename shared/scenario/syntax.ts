/**
 * The syntax tree of a scenario: one statement per line, every part with its range in the text.
 * The parser always yields a tree; what it could not understand is an `invalid` statement and a problem.
 */
import type { Problem, Range } from '#shared/problem.ts';
import type { QuantityUnit } from './quantity.ts';

/** Literal text with `#{…}` references in it. */
export interface Template {
  readonly parts: readonly TemplatePart[];
  /** How it was written; typographic quotes count as the straight ones they stand for. */
  readonly quote: 'none' | 'single' | 'double';
  /** Range including the quotes. */
  readonly range: Range;
}
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string; readonly range: Range }
  /** `#{name}`: a variable, `release`, `unique.account`, `Component.STATE` or `Component.metric`. */
  | { readonly kind: 'reference'; readonly name: string; readonly range: Range };

export interface Name {
  readonly text: string;
  readonly range: Range;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'matches';

export type Operand =
  /** Quoted text, a bare word without a dot (`READY`), or anything with `#{…}` in it. */
  | { readonly kind: 'text'; readonly template: Template; readonly range: Range }
  /** `500`, `500MB`, `30s`, `1e3`: `text` is as it was written, which alone is exact; `value` comes near it, in the base unit (bytes, ms, %). */
  | {
      readonly kind: 'number';
      readonly text: string;
      readonly value: number;
      readonly unit: QuantityUnit;
      readonly range: Range;
    }
  /** A bare `Component.STATE` or `Component.metric`. */
  | { readonly kind: 'reading'; readonly name: string; readonly range: Range };

export type Condition =
  | {
      readonly kind: 'comparison';
      readonly left: Operand;
      readonly operator: ComparisonOperator;
      readonly right: Operand;
      readonly range: Range;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition; readonly range: Range }
  | { readonly kind: 'not'; readonly condition: Condition; readonly range: Range };

/** `error from X`, `event failover [from X]`, `crash of X`. */
export interface EventCondition {
  readonly kind: 'event';
  /** `error`, `crash`, or the name of an event. */
  readonly event: Name;
  readonly component: Name | null;
  readonly range: Range;
}

/** Milliseconds. */
export interface Duration {
  readonly milliseconds: number;
  readonly range: Range;
}

export interface Command {
  /** The first word is the command; each is interpolated by itself, so a value with spaces stays one argument. */
  readonly words: readonly Template[];
  readonly range: Range;
}

interface StatementBase {
  /** Range of the statement without number and comment. */
  readonly range: Range;
}

/** A statement that may stand after `then` and `else`. */
export type SimpleStatement =
  | (StatementBase & { readonly kind: 'command'; readonly command: Command })
  | (StatementBase & { readonly kind: 'set-command'; readonly name: Name; readonly command: Command })
  | (StatementBase & { readonly kind: 'set-value'; readonly name: Name; readonly value: Template })
  | (StatementBase & { readonly kind: 'goto'; readonly label: Name })
  | (StatementBase & { readonly kind: 'echo' | 'note'; readonly text: Template })
  | (StatementBase & { readonly kind: 'wait-duration'; readonly duration: Duration })
  | (StatementBase & { readonly kind: 'wait'; readonly condition: Condition | EventCondition; readonly within: Duration | null })
  | (StatementBase & {
      readonly kind: 'expect';
      readonly condition: Condition | EventCondition;
      readonly within: Duration | null;
      readonly holdsFor: Duration | null;
    })
  | (StatementBase & { readonly kind: 'on'; readonly trigger: Condition | EventCondition; readonly label: Name })
  /** Removes handlers of its own call of the scenario, never those of a caller: all, or those with this trigger (same text). */
  | (StatementBase & { readonly kind: 'off'; readonly trigger: Condition | EventCondition | null })
  | (StatementBase & { readonly kind: 'defer'; readonly command: Command })
  | (StatementBase & {
      readonly kind: 'prompt';
      readonly name: Name;
      readonly question: Template;
      readonly choices: readonly Template[];
      /** Written `default value` after the choices. */
      readonly fallback: Template | null;
    })
  | (StatementBase & {
      readonly kind: 'call';
      readonly scenario: Name;
      readonly arguments: readonly { readonly name: Name; readonly value: Template }[];
    })
  | (StatementBase & { readonly kind: 'exit'; readonly verdict: 'pass' | 'fail' | null; readonly reason: Template | null });

export type Statement =
  | SimpleStatement
  | (StatementBase & {
      readonly kind: 'if';
      readonly condition: Condition;
      readonly then: SimpleStatement;
      readonly otherwise: SimpleStatement | null;
    })
  | (StatementBase & { readonly kind: 'label'; readonly name: Name })
  | (StatementBase & { readonly kind: 'repeat'; readonly times: Template })
  | (StatementBase & { readonly kind: 'end' })
  | (StatementBase & { readonly kind: 'invalid'; readonly text: string });

/** One line of the file: blank, a comment, or a statement with an optional number and comment. */
export interface ScenarioLine {
  /** Zero-based line in the file, front matter counted. */
  readonly line: number;
  /** The leading step number as written. */
  readonly number: { readonly value: number; readonly range: Range } | null;
  readonly statement: Statement | null;
  /** With its `#`. */
  readonly comment: { readonly text: string; readonly range: Range } | null;
}

export interface ScenarioParameter {
  readonly name: string;
  /** A parameter without a default must be given by the caller. */
  readonly default: string | null;
  readonly help: string | null;
}

/** The YAML block between `---` lines at the top. */
export interface FrontMatter {
  readonly title: string | null;
  readonly tags: readonly string[];
  /** ms; the run ends in error when it takes longer. */
  readonly timeout: number | null;
  readonly parameters: readonly ScenarioParameter[];
  /** As written, both `---` lines included; the formatter keeps it. */
  readonly text: string;
  readonly range: Range;
}

export interface Scenario {
  readonly name: string;
  readonly frontMatter: FrontMatter | null;
  readonly lines: readonly ScenarioLine[];
}

export interface ParsedScenario {
  readonly scenario: Scenario;
  readonly problems: readonly ScenarioProblem[];
}

/** A problem with the edit that mends it, where there is one. */
export interface ScenarioProblem extends Problem {
  readonly range: Range;
  readonly fix?: { readonly title: string; readonly range: Range; readonly replacement: string };
}

/** A root scenario and everything it calls, by name. */
export interface Program {
  readonly root: string;
  readonly scenarios: ReadonlyMap<string, Scenario>;
}

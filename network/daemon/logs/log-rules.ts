/**
 * What the rules of a log make of a line. All rules are tried in the order of the file: every rule that matches gives its
 * metric; the first that matches and has a state gives the state; the first that matches and has an event gives the event.
 */
import type { ComponentName } from '#shared/identifiers.ts';
import { maximumLineLength, type LogSeverity } from '#shared/protocol/observations.ts';
import type { Clock } from '#platform/clock.ts';
import { LinearPattern, type Match } from '../configuration/pattern.ts';
import { fillTemplate, parseTemplate, type TemplatePart } from '../configuration/templates.ts';
import type { LogConfiguration, LogMetric, LogRule } from '../configuration/types.ts';
import type { Reporter } from '../ports.ts';

export interface LogRulesOptions {
  readonly configuration: LogConfiguration;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly onState: (component: ComponentName, state: string) => void;
  /** A value of a metric, to be reported with the others of this read. */
  readonly onValue: (component: ComponentName, series: number, value: number) => void;
}

interface CompiledRule {
  readonly pattern: LinearPattern;
  readonly component: ComponentName | null;
  readonly state: readonly TemplatePart[] | null;
  readonly metric: (LogMetric & { readonly parts: readonly TemplatePart[] }) | null;
  readonly event: { readonly name: string; readonly severity: LogSeverity; readonly text: readonly TemplatePart[] | null } | null;
}

interface Matched {
  readonly rule: CompiledRule;
  readonly match: Match;
}

const maximumStates = 100;
const maximumStateLength = 64;
const maximumFields = 50;
const maximumFieldLength = 1_000;
/** How a number may be written in a log. */
const number = /^[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?$/;

export class LogRules {
  private readonly options: LogRulesOptions;
  private readonly rules: readonly CompiledRule[];
  private readonly states = new Set<string>();
  private badNumbers = 0;
  private refusedStates = 0;

  constructor(options: LogRulesOptions) {
    this.options = options;
    this.rules = options.configuration.rules.map(compile);
  }

  line(text: string, file: string): void {
    let state: Matched | undefined;
    let event: Matched | undefined;
    for (const rule of this.rules) {
      // Nothing that this rule could still give.
      if (!rule.metric && (!rule.state || state) && (!rule.event || event)) continue;
      const match = rule.pattern.find(text);
      if (!match) continue;
      if (rule.metric) this.metric(rule, rule.metric, match);
      if (rule.state) state ??= { rule, match };
      if (rule.event) event ??= { rule, match };
    }
    // The line before what follows from it, as a reader would tell it.
    this.forward(text, file, state, event);
    if (state) this.state(state);
  }

  private metric(rule: CompiledRule, metric: NonNullable<CompiledRule['metric']>, match: Match): void {
    const written = fillTemplate(metric.parts, (name) => valueOf(match, name)).trim();
    const value = number.test(written) ? Number(written) * metric.scale : Number.NaN;
    if (!Number.isFinite(value)) {
      this.badNumber(rule, metric.name, written);
      return;
    }
    if (rule.component === null) return;
    const series = this.options.reporter.declare(
      rule.component,
      metric.name,
      metric.unit,
      metric.kind,
      `From its log: ${rule.pattern.source}`,
    );
    this.options.onValue(rule.component, series, value);
  }

  private state({ rule, match }: Matched): void {
    if (rule.component === null || !rule.state) return;
    const state = fillTemplate(rule.state, (name) => valueOf(match, name)).trim();
    const fits = state.length > 0 && state.length <= maximumStateLength;
    if (!fits || (!this.states.has(state) && this.states.size >= maximumStates)) {
      this.refusedStates++;
      if (this.refusedStates === 1) {
        const reason = fits ? `it would be more than the ${maximumStates}th` : `a state has 1 to ${maximumStateLength} characters`;
        this.notice(
          'state-ignored',
          `The state "${state.slice(0, 80)}" of ${rule.component} is ignored: ${reason}. Make the rule more exact.`,
          rule.component,
        );
      }
      return;
    }
    this.states.add(state);
    this.options.onState(rule.component, state);
  }

  private forward(text: string, file: string, state: Matched | undefined, event: Matched | undefined): void {
    const { forward, severity, component } = this.options.configuration;
    const given = event?.rule.event;
    const wanted = given !== undefined && given !== null ? true : forward === 'all' || (forward === 'matched' && state !== undefined);
    if (!wanted) return;
    const matched = event ?? state;
    const own = event && given?.text ? fillTemplate(given.text, (name) => valueOf(event.match, name)).slice(0, maximumLineLength) : text;
    this.options.reporter.event({
      kind: 'log',
      time: this.options.clock.now(),
      component: matched?.rule.component ?? component,
      file: file.slice(0, 4_096),
      severity: given?.severity ?? severity,
      event: given?.name ?? null,
      text: own,
      fields: matched ? fieldsOf(matched.match) : {},
    });
  }

  /** Told at the first, the tenth, the hundredth …: a wrong rule must not flood, nor be silent. */
  private badNumber(rule: CompiledRule, metric: string, written: string): void {
    this.badNumbers++;
    if (!/^10*$/.test(String(this.badNumbers))) return;
    const times = this.badNumbers === 1 ? '' : ` (${this.badNumbers} so far)`;
    const text = `"${written.slice(0, 80)}" is no number and gives no ${metric}${times}. Let the group of the rule catch digits only.`;
    this.notice('bad-number', text, rule.component);
  }

  private notice(code: string, text: string, component: ComponentName | null): void {
    const base = { kind: 'notice', time: this.options.clock.now(), severity: 'warning', code, text: text.slice(0, 1_000) } as const;
    this.options.reporter.event(component === null ? base : { ...base, component });
  }
}

function compile(rule: LogRule): CompiledRule {
  return {
    pattern: new LinearPattern(rule.match),
    component: rule.component,
    state: rule.state === null ? null : parseTemplate(rule.state),
    metric: rule.metric && { ...rule.metric, parts: parseTemplate(rule.metric.value) },
    event: rule.event && { ...rule.event, text: rule.event.text === null ? null : parseTemplate(rule.event.text) },
  };
}

/** What stands in a place of a template; a group that took no part gives nothing. */
function valueOf(match: Match, name: string): string {
  return (/^\d/.test(name) ? match.groups[Number(name)] : match.named[name]) ?? '';
}

function fieldsOf(match: Match): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(match.named).slice(0, maximumFields)) {
    if (value !== undefined) fields[name.slice(0, 64)] = value.slice(0, maximumFieldLength);
  }
  return fields;
}

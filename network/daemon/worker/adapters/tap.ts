/**
 * The Test Anything Protocol, versions 12 to 14, read line by line: points with their directives and diagnostics, the plan, "Bail out!".
 * Subtests (indented) count by the point that sums them up.
 */

export interface TapPoint {
  readonly number: number;
  readonly ok: boolean;
  readonly description: string;
  readonly directive: 'skip' | 'todo' | null;
  /** Why, behind the directive. */
  readonly reason: string;
  /** What was said about it: lines behind `#`, a block of YAML. */
  readonly diagnostics: string;
}

export interface TapSummary {
  /** Points that were announced; null: nothing was. */
  readonly plan: number | null;
  /** Why nothing is executed at all. */
  readonly skippedAll: string | null;
  readonly bailOut: string | null;
  readonly points: number;
}

/** Characters of diagnostics that are kept of one point. */
const longestDiagnostics = 8_192;

const pointPattern = /^(not )?ok\b(?:\s+(\d+))?(?:\s+-)?\s*(.*)$/;
const planPattern = /^1\.\.(\d+)\s*(?:#\s*(?:skip\S*)?\s*(.*))?$/i;
const directivePattern = /(?:^|[^\\])#\s*(skip|todo)\S*\s*(.*)$/i;

export class TapReader {
  private readonly onPoint: (point: TapPoint) => void;
  private held: { readonly point: TapPoint; readonly lines: string[]; length: number } | undefined;
  private plan: number | null = null;
  private skippedAll: string | null = null;
  private bailOut: string | null = null;
  private count = 0;

  /** `onPoint` is told each point once: one that is well at once, another one when nothing more is said about it. */
  constructor(onPoint: (point: TapPoint) => void) {
    this.onPoint = onPoint;
  }

  line(line: string): void {
    // Nothing counts after the program gave up.
    if (this.bailOut !== null) return;
    const bail = /^Bail out!\s*(.*)$/i.exec(line);
    if (bail) {
      this.release();
      this.bailOut = bail[1] ?? '';
      return;
    }
    const plan = planPattern.exec(line);
    if (plan) {
      this.release();
      this.plan ??= Number(plan[1]);
      if (this.plan === 0) this.skippedAll = plan[2]?.trim() ?? '';
      return;
    }
    // What begins here is another one's.
    if (line.startsWith('# Subtest:')) return this.release();
    const point = pointPattern.exec(line);
    if (point) this.take(point);
    else if (/^(\s|#)/.test(line)) this.diagnose(line);
  }

  end(): TapSummary {
    this.release();
    return { plan: this.plan, skippedAll: this.skippedAll, bailOut: this.bailOut, points: this.count };
  }

  private take([, not, number, rest = '']: RegExpExecArray): void {
    this.release();
    this.count++;
    const directive = directivePattern.exec(rest);
    // The character before the # belongs to the description.
    const description = (directive ? rest.slice(0, rest.indexOf('#', directive.index)) : rest).replaceAll('\\#', '#').trim();
    const word = directive?.[1]?.toLowerCase();
    const point: TapPoint = {
      number: number === undefined ? this.count : Number(number),
      ok: not === undefined,
      description,
      directive: word === 'skip' || word === 'todo' ? word : null,
      reason: directive?.[2]?.trim() ?? '',
      diagnostics: '',
    };
    if (point.ok) this.onPoint(point);
    else this.held = { point, lines: [], length: 0 };
  }

  private diagnose(line: string): void {
    if (!this.held || this.held.length + line.length > longestDiagnostics) return;
    this.held.lines.push(line.replace(/^\s*# ?/, ''));
    this.held.length += line.length + 1;
  }

  private release(): void {
    const { held } = this;
    this.held = undefined;
    if (held) this.onPoint({ ...held.point, diagnostics: held.lines.join('\n').trimEnd() });
  }
}

/** What a point means as a verdict: one that fails and is said to be still to do fails nothing. */
export function verdictOfPoint({ ok, directive }: TapPoint): 'passed' | 'failed' | 'skipped' {
  if (directive === 'skip') return 'skipped';
  if (ok) return 'passed';
  return directive === 'todo' ? 'skipped' : 'failed';
}

/** What a point that failed says about it: the message of its block of YAML, as node:test and others write it, or what it is called. */
export function messageOfPoint({ description, number, diagnostics }: TapPoint): string {
  const block = /^\s*---\n/.test(diagnostics) ? diagnostics : '';
  const told = /^ *(?:message|error): *(?:[|>][+-]?\n\s*)?(['"]?)(.+)\1$/m.exec(block)?.[2]?.trim();
  return told ?? (description || `Point ${number} is not ok.`);
}

/** What keeps the points from being all that there is to say; undefined: they are. */
export function tapFault({ plan, skippedAll, bailOut, points }: TapSummary): string | undefined {
  if (bailOut !== null) return `Bail out! ${bailOut}`.trim();
  if (plan === null) return 'It announced no plan (1..N), so nobody knows whether these were all of its points.';
  if (skippedAll !== null) return undefined;
  return plan === points ? undefined : `It announced ${plan} points and told ${points}.`;
}

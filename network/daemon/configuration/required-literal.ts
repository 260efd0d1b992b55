/**
 * Finds a text that every match of a regular expression must contain, so that `includes` can rule out most log lines
 * before the expression is tried. Careful rather than clever: where in doubt, undefined (then the expression is always tried).
 */

/** The longest run of plain characters that must occur, or undefined when none of at least two characters is certain. */
export function requiredLiteral(source: string): string | undefined {
  // Flags such as (?i) change what a plain character means; \Q…\E quotes; both are rare in rules.
  if (/\(\?[a-zA-Z-]*[imsU]|\\[QE]/.test(source)) return undefined;
  const runs = new LiteralRuns(source).collect();
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest.length >= 2 ? longest : undefined;
}

class LiteralRuns {
  private readonly source: string;
  private index = 0;
  private readonly runs: string[] = [];
  private run = '';

  constructor(source: string) {
    this.source = source;
  }

  /** Runs outside of groups and classes; none when the expression has alternatives at its top. */
  collect(): readonly string[] {
    while (this.index < this.source.length) {
      const character = this.source.charAt(this.index);
      if (character === '|') return [];
      this.step(character);
    }
    this.endRun();
    return this.runs;
  }

  private step(character: string): void {
    if (character === '(') this.skipGroup();
    else if (character === '[') this.skipClass();
    else if (character === '\\') this.escape();
    else if ('*?{'.includes(character)) this.optional();
    // The `+` repeats the last character: the run up to and with it stands, but nothing may be added to it.
    else if ('+.^$'.includes(character)) this.skip(1);
    else this.add(character, 1);
  }

  /** `ab*` and `ab{0,3}` do not need their last character. */
  private optional(): void {
    this.run = withoutLastCharacter(this.run);
    const closing = this.source.charAt(this.index) === '{' ? this.source.indexOf('}', this.index) : this.index;
    this.skip(Math.max(closing, this.index) - this.index + 1);
  }

  private escape(): void {
    const next = this.source.charAt(this.index + 1);
    if (/[A-Za-z0-9]/.test(next)) {
      this.skip(2);
      // \x{41}, \pL, \p{Greek}, \123: whatever belongs to the escape must not be taken for plain characters.
      if (next === 'x' || next === 'p' || next === 'P')
        this.skip(/^(\{[^}]*\}|[0-9A-Fa-f]{2}|.)/.exec(this.source.slice(this.index))?.[0].length ?? 0);
      else if (/[0-9]/.test(next)) this.skip(/^[0-9]*/.exec(this.source.slice(this.index))?.[0].length ?? 0);
    } else this.add(next, 2);
  }

  /** Skips to the bracket that closes the group at the index; its inside may be optional or have alternatives. */
  private skipGroup(): void {
    this.endRun();
    let depth = 0;
    do {
      const character = this.source.charAt(this.index);
      if (character === '[') {
        this.skipClass();
        continue;
      }
      if (character === '(') depth++;
      if (character === ')') depth--;
      this.index += character === '\\' ? 2 : 1;
    } while (depth > 0 && this.index < this.source.length);
  }

  private skipClass(): void {
    this.endRun();
    let index = this.index + 1;
    if (this.source.charAt(index) === '^') index++;
    // A `]` that comes first is a plain member of the class.
    if (this.source.charAt(index) === ']') index++;
    while (index < this.source.length && this.source.charAt(index) !== ']') {
      if (this.source.startsWith('[:', index)) index = Math.max(index, this.source.indexOf(':]', index) + 1);
      index += this.source.charAt(index) === '\\' ? 2 : 1;
    }
    this.index = index + 1;
  }

  private add(character: string, consumed: number): void {
    this.run += character;
    this.index += consumed;
  }

  private skip(count: number): void {
    this.endRun();
    this.index += count;
  }

  private endRun(): void {
    if (this.run) this.runs.push(this.run);
    this.run = '';
  }
}

function withoutLastCharacter(text: string): string {
  return Array.from(text).slice(0, -1).join('');
}

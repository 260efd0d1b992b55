/** What holds for every text whatsoever: the parser returns, places lie inside the text, formatting changes no meaning. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Position, Range } from '#shared/problem.ts';
import { formatScenario } from '#shared/scenario/formatter.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import { splitLines } from '#shared/scenario/source-lines.ts';
import type { Scenario } from '#shared/scenario/syntax.ts';
import { anyScenarioText, validScenario, withoutRanges } from './scenario-samples.ts';

const settings = { seed: 20_261_120, numRuns: 1_000 };

function rangesIn(value: unknown, found: Range[] = []): Range[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, part] of Object.entries(value)) {
    if (key === 'range') found.push(part as Range);
    else rangesIn(part, found);
  }
  return found;
}

/** Statements, comments and front matter: what must survive formatting. */
function meaning(scenario: Scenario) {
  const lines = scenario.lines.filter(({ number, statement, comment }) => number || statement || comment);
  return withoutRanges({ frontMatter: scenario.frontMatter, lines });
}

describe('whatever the text', () => {
  test('the parser yields one line for each line of the text, and ranges that lie in it', () => {
    fc.assert(
      fc.property(anyScenarioText, (text) => {
        const source = splitLines(text);
        const parsed = parseScenario('any', text);
        expect(parsed.scenario.lines.map(({ line }) => line)).toEqual(source.map(({ line }) => line));
        const isIn = ({ line, column, offset }: Position) =>
          source[line]!.offset + column === offset && column >= 0 && column <= source[line]!.text.length;
        const outside = rangesIn(parsed).filter(({ start, end }) => start.offset > end.offset || !isIn(start) || !isIn(end));
        expect(outside).toEqual([]);
      }),
      settings,
    );
  });

  test('formatting twice is formatting once', () => {
    fc.assert(
      fc.property(anyScenarioText, (text) => {
        const once = formatScenario(text);
        expect(formatScenario(once)).toBe(once);
      }),
      settings,
    );
  });

  test('the tree is the same before and after formatting', () => {
    fc.assert(
      fc.property(anyScenarioText, (text) => {
        const before = parseScenario('any', text);
        const after = parseScenario('any', formatScenario(text));
        expect(meaning(after.scenario)).toEqual(meaning(before.scenario));
        const errors = (problems: typeof before.problems) =>
          problems.filter(({ severity }) => severity === 'error').map(({ code }) => code);
        expect(errors(after.problems)).toEqual(errors(before.problems));
      }),
      settings,
    );
  });

  test('every invalid line comes with an error', () => {
    fc.assert(
      fc.property(anyScenarioText, (text) => {
        const { scenario, problems } = parseScenario('any', text);
        const told = new Set(problems.filter(({ severity }) => severity === 'error').map(({ range }) => range.start.line));
        const invalid = scenario.lines.filter(({ statement }) => statement?.kind === 'invalid');
        expect(invalid.filter(({ line }) => !told.has(line))).toEqual([]);
      }),
      settings,
    );
  });

  test('straightening a quote takes its warning away and adds none', () => {
    fc.assert(
      fc.property(anyScenarioText, (text) => {
        const { problems } = parseScenario('any', text);
        const mendable = problems.find(({ code, fix }) => code === 'typographic-quote' && fix);
        if (!mendable?.fix) return;
        const { range, replacement } = mendable.fix;
        const mended = text.slice(0, range.start.offset) + replacement + text.slice(range.end.offset);
        const count = (all: typeof problems) => all.filter(({ code }) => code === 'typographic-quote').length;
        expect(count(parseScenario('any', mended).problems)).toBe(count(problems) - 1);
      }),
      settings,
    );
  });
});

describe('scenarios that are written correctly', () => {
  test('have no errors, before and after formatting, and no warnings after it', () => {
    fc.assert(
      fc.property(validScenario, (text) => {
        expect(parseScenario('valid', text).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(parseScenario('valid', formatScenario(text)).problems.filter(({ code }) => code !== 'empty-step')).toEqual([]);
      }),
      settings,
    );
  });
});

describe('a mebibyte of input', () => {
  const size = 1 << 20;
  const repeated = (piece: string) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
  // A linear-congruential generator: the same "random" text every time.
  function randomText(alphabet: string): string {
    let state = 12_345;
    return Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return alphabet.charAt((state >>> 16) % alphabet.length);
    }).join('');
  }
  const anyCharacter = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('');
  const inputs: Record<string, string> = {
    'any characters': randomText(anyCharacter),
    'characters of the language': randomText('ab #{}\'"\\()=<>&|.0123\n\t‘’'),
    'the same in one line': randomText('ab #{}\'"\\()=<>&|.0123\t‘’'),
    'line ends': repeated('\n'),
    'short lines': repeated('a\n'),
    'open parentheses': `if ${repeated('(')}`,
    negations: `if ${repeated('not ')}`,
    'open references': repeated('#{'),
    'one open reference': `#{${repeated('a')}`,
    'open label sets': `if ${repeated('a.b{ ')}`,
    'quotes in words': repeated("a='"),
    'typographic quotes': repeated('’"'),
    'one long chain of conditions': `if ${repeated('a==b and ')}`,
    'equals signs': `if ${repeated('=')}`,
    'spaces before a word': `echo x${repeated(' ')}x`,
    backslashes: `echo "${repeated('\\')}`,
    repeats: repeated('repeat 1\n'),
    'fences of front matter': repeated('---\n'),
    'nested front matter': `---\n${repeated('[')}\n---\n`,
    'nested front matter within its bound': `---\n${'['.repeat(32_000)}\n---\n`,
  };

  // Formatting parses, too. The bound is generous, for busy machines; what is quadratic would take minutes.
  test.each(Object.entries(inputs))('%s is read and formatted in time that grows with its length', (_, text) => {
    const started = performance.now();
    expect(formatScenario(text).length).toBeLessThan(40 * size);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test('what is random is parsed in a second, on a machine with nothing else to do', () => {
    const started = performance.now();
    expect(parseScenario('large', inputs['any characters']!).problems.length).toBeGreaterThan(0);
    expect(parseScenario('large', inputs['the same in one line']!).problems.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

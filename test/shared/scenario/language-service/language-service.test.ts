/** Hover, definitions, references, renaming, folding, outline, problems and tokens. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LanguageService } from '#shared/scenario/language-service/language-service.ts';
import { noSurroundings } from '#shared/scenario/language-service/surroundings.ts';
import { tokensOfLine } from '#shared/scenario/language-service/tokens.ts';
import { anyScenarioText, deckScenario } from '../scenario-samples.ts';
import { lost, marked, surroundings } from './exchange.ts';

const service = new LanguageService();

function hover(textWithMark: string, around = surroundings): string {
  const { text, place } = marked(textWithMark);
  return (service.hover('main', text, place, around)?.parts ?? []).map((part) => part.text).join('\n');
}

describe('hover', () => {
  test('statements and words inside them', () => {
    expect(hover('wa‸it 5s')).toContain('wait 5s | wait condition [within time]');
    expect(hover('expect Gateway.orders > 5 wit‸hin 3s')).toContain('longest time');
    expect(hover('if Gateway.orders > 5 th‸en exit')).toContain('where the condition holds');
  });

  test('commands: help, parameters, hazard, and who executes them', () => {
    const told = hover('start‸_load 5');
    expect(told).toContain('start_load [rate]');
    expect(told).toContain('Sends orders until stop_load.');
    expect(told).toContain('rate: whole number from 1, default 100 — orders per second');
    expect(told).toContain('Executed by INJ.');
    expect(hover('exec‸_smoke')).toContain('Disruptive');
    expect(hover("rep‸ort 'x'")).toContain('plugin');
    expect(hover('ki‸ll -9 MatchingEnginePrimary')).toMatch(/Dangerous.*\nExecuted by MEP\./);
    expect(hover('no‸body')).toContain('Nobody in the environment');
    expect(hover('no‸body', noSurroundings)).toBe('');
    expect(hover('place_order side=bu‸y 5')).toContain('side: one of buy, sell, sell short, must be given');
  });

  test('components, states and metrics with what they are now', () => {
    expect(hover('kill -9 Matching‸EnginePrimary')).toContain('Now READY, process 1234.');
    expect(hover('expect MatchingEnginePrimary.r‸ss < 1GB')).toContain('Now 512 MB.');
    expect(hover('echo #{MatchingEnginePrimary.lat‸ency}')).toContain('Now no value.\nUnit: ms.');
    expect(hover('echo #{MatchingEnginePrimary.ST‸ATE}')).toContain('Now READY');
    expect(hover('wait Gateway.STATE == U‸P')).toContain('not known at present');
  });

  test('variables: where they are set, in called scenarios too', () => {
    expect(hover('set status exec_smoke\necho #{sta‸tus}')).toContain('Set in line 1: set status exec_smoke');
    expect(hover('call lost cause=x\necho #{lo‸ss}')).toContain('Set in lost, line 7: set loss = #{cause}');
    expect(hover('echo #{rele‸ase}')).toContain('now rc-7');
    expect(hover('echo #{no‸body}')).toContain('Nothing gives this variable a value');
  });

  test('called scenarios, their parameters, labels', () => {
    expect(hover('call lo‸st cause=x')).toContain('call lost cause=… [patience=5s]\nWhat happens after the loss');
    expect(hover('call lost pati‸ence=x cause=x')).toContain('default 5s: how long to wait');
    expect(hover('goto pa‸ss\nlabel pass')).toContain('Stands in line 2.');
  });

  test('how the step went before', () => {
    expect(hover('ki‸ll -9   MatchingEnginePrimary')).toContain(
      'Last time, with rc-6: passed after 1.23 s (2 executions in earlier runs).',
    );
    expect(hover('stop_‸load')).toContain('Not executed in earlier runs');
  });
});

describe('definition, references, renaming', () => {
  const text =
    "---\nparameters: { rate: 5 }\n---\nset status = '#{rate}'\nif #{status} == x then goto pass\ncall lost cause=#{ status }\nlabel pass\n";

  function at(needle: string, method: 'definitions' | 'references'): string[] {
    const place = marked(text.replace(needle, `${needle}‸`)).place;
    return service[method]('main', text, place, surroundings).map(
      ({ scenario, range, role }) => `${scenario} ${range.start.line}:${range.start.column} ${role}`,
    );
  }

  test('labels stay in their scenario', () => {
    expect(at('goto pa', 'definitions')).toEqual(['main 6:6 definition']);
    expect(at('goto pa', 'references')).toEqual(['main 4:28 use', 'main 6:6 definition']);
  });

  test('variables go through calls, parameters are named in the front matter', () => {
    expect(at('#{ra', 'definitions')).toEqual(['main 1:14 definition']);
    expect(at('lost cau', 'references')).toEqual(['main 5:10 use', 'lost 3:2 definition', 'lost 6:13 use']);
    expect(at('#{sta', 'references')).toEqual(['main 3:4 definition', 'main 4:5 use', 'main 5:19 use']);
  });

  test('a called scenario begins at its first line', () => {
    expect(at('call lo', 'definitions')).toEqual(['lost 0:0 definition']);
  });

  function renamed(needle: string, newName: string): Record<string, string> | string {
    const place = marked(text.replace(needle, `${needle}‸`)).place;
    const result = service.rename('main', text, place, newName, surroundings);
    if (result.kind === 'refused') return result.reason;
    const texts: Record<string, string> = { main: text, lost };
    for (const { scenario, range, replacement } of result.edits.toReversed()) {
      const before = texts[scenario] ?? '';
      texts[scenario] = before.slice(0, range.start.offset) + replacement + before.slice(range.end.offset);
    }
    return texts;
  }

  test('renaming changes every place and nothing else', () => {
    expect(renamed('goto pa', 'done')).toMatchObject({ main: text.replaceAll(' pass', ' done') });
    expect(renamed('#{sta', 'result')).toMatchObject({ main: text.replaceAll('status', 'result') });
    expect(renamed('lost cau', 'why')).toEqual({ main: text.replace('cause', 'why'), lost: lost.replaceAll('cause', 'why') });
    expect(renamed('parameters: { ra', 'speed')).toMatchObject({
      main: text.replace('rate: 5', 'speed: 5').replace('#{rate}', '#{speed}'),
    });
  });

  test('names that cannot be are refused with a sentence', () => {
    expect(renamed('goto pa', 'two words')).toContain('cannot be a name');
    expect(renamed('#{sta', 'release')).toContain('meaning of its own');
    expect(renamed('#{sta', 'rate')).toMatch(/^There is a variable .rate. already\.$/);
    expect(service.renamable('main', 'echo #{release}', { line: 0, column: 9 })).toHaveProperty('reason');
    expect(service.renamable('main', 'echo text', { line: 0, column: 6 })).toHaveProperty('reason');
    expect(service.renamable('main', 'label pass', { line: 0, column: 7 })).toMatchObject({ kind: 'label', name: 'pass' });
  });

  test('a renamed scenario says so, since its file must follow', () => {
    const place = marked(text.replace('call lo', 'call lo‸')).place;
    expect(service.rename('main', text, place, 'gone', surroundings)).toMatchObject({
      kind: 'edits',
      scenario: 'lost',
      edits: [{ scenario: 'main' }],
    });
  });
});

test('parameter help follows the words, by position and by name', () => {
  const active = (textWithMark: string): string | undefined => {
    const { text, place } = marked(textWithMark);
    const signature = service.signature('main', text, place, surroundings);
    return signature?.parameters[signature.active]?.name;
  };
  expect(active('place_order ‸')).toBe('side');
  expect(active('place_order buy ‸')).toBe('quantity');
  expect(active('set a place_order buy 5 ‸')).toBe('urgent');
  expect(active('place_order quantity=5 ‸')).toBe('side');
  expect(active('place_order buy urgent=t‸')).toBe('urgent');
  expect(active('stop_load ‸')).toBeUndefined();
  expect(active('echo ‸')).toBeUndefined();
});

test('folds: blocks, front matter, comments', () => {
  const text = '---\ntitle: x\n---\n# one\n# two\nrepeat 3\n  repeat 2\n    echo a\n  end\nend\n# alone\n';
  expect(service.folds('main', text)).toEqual([
    { start: 0, end: 2, kind: 'front matter' },
    { start: 3, end: 4, kind: 'comment' },
    { start: 5, end: 9, kind: 'block' },
    { start: 6, end: 8, kind: 'block' },
  ]);
});

test('outline: labels with the lines that belong to them, and blocks', () => {
  expect(
    service
      .outline('main', 'echo a\nlabel one\nrepeat 2\necho b\nend\nlabel two\necho c')
      .map(({ name, kind, lines }) => ({ name, kind, ...lines })),
  ).toEqual([
    { name: 'one', kind: 'label', from: 1, to: 4 },
    { name: 'repeat 2', kind: 'block', from: 2, to: 4 },
    { name: 'two', kind: 'label', from: 5, to: 6 },
  ]);
});

describe('problems', () => {
  const codes = (text: string, around = surroundings): string[] => service.problems('main', text, around).map(({ code }) => code);

  test('of parser, linker and checker, in order, only of this scenario', () => {
    const text = 'kil -9 MatchingEnginePrimary\ncall lots cause=a\nwait 5 s\necho ‘a’\ngoto lots\nlabel lost\n';
    expect(codes(text)).toEqual(['unknown-command', 'missing-scenario', 'missing-unit', 'typographic-quote', 'unknown-label']);
    expect(codes('call lost cause=x')).toEqual([]);
    expect(codes(deckScenario)).toEqual([]);
  });

  test('fixes mend what they say', () => {
    const text = 'kill -9 MatchingEnginPrimary\n';
    const [problem] = service.problems('main', text, surroundings);
    expect(problem).toMatchObject({ code: 'unknown-component', fix: { replacement: 'MatchingEnginePrimary' } });
    const fix = problem?.fix;
    expect(fix && text.slice(0, fix.range.start.offset) + fix.replacement + text.slice(fix.range.end.offset)).toBe(
      'kill -9 MatchingEnginePrimary\n',
    );
  });

  test('without a catalogue no name of the environment is judged', () => {
    expect(codes('anything goes\nkill -9 Whoever', noSurroundings)).toEqual([]);
  });
});

describe('tokens', () => {
  const shown = (text: string): string[] =>
    service
      .tokens('main', text, surroundings)
      .map(({ column, length, kind, modifiers }) => [text.slice(column, column + length), kind, ...modifiers].join(' '));

  test('a statement with everything', () => {
    expect(shown("3 if 'PASS' == #{status} and not (Gateway.orders>=5) then goto pass else echo it's #{release}! # why")).toEqual([
      '3 stepNumber',
      'if keyword',
      "'PASS' string",
      '== operator',
      '#{status} variable',
      'and operator',
      'not operator',
      'Gateway.orders reading',
      '>= operator',
      '5 number',
      'then keyword',
      'goto keyword',
      'pass label',
      'else keyword',
      'echo keyword',
      "it's  text",
      '#{release} variable',
      '! text',
      '# why comment',
    ]);
    expect(shown('kill -9 MatchingEnginePrimary')).toEqual(['kill command dangerous', '-9 signal', 'MatchingEnginePrimary component']);
    expect(shown('expect crash of Nobody within 5s')).toEqual([
      'expect keyword',
      'crash keyword',
      'of keyword',
      'Nobody component unknown',
      'within keyword',
      '5s number',
    ]);
    expect(shown('call lost cause="x"')).toEqual(['call keyword', 'lost scenario', 'cause parameter', '= operator', '"x" string']);
    expect(shown('set a = exec_smoke')).toEqual(['set keyword', 'a variable definition', '= operator', 'exec_smoke text']);
    expect(shown('exec_smoke')).toEqual(['exec_smoke command disruptive']);
    expect(shown('wait MatchingEnginePrimary.STATE == READY')).toEqual([
      'wait keyword',
      'MatchingEnginePrimary.STATE reading',
      '== operator',
      'READY state',
    ]);
  });

  test('they never overlap, and a line by itself has the same ones', () => {
    fc.assert(
      fc.property(anyScenarioText, (text) => {
        const tokens = service.tokens('main', text, noSurroundings);
        const document = service.document('main', text);
        for (const [index, token] of tokens.entries()) {
          const previous = tokens[index - 1];
          expect(token.length).toBeGreaterThan(0);
          if (previous?.line === token.line) expect(token.column).toBeGreaterThanOrEqual(previous.column + previous.length);
        }
        for (const { line, text: source } of document.source) {
          if (document.inFrontMatter(line) || source.startsWith('---') || source.startsWith('\uFEFF')) continue;
          const own = tokens.filter((token) => token.line === line).map(({ column, length, kind }) => ({ column, length, kind }));
          expect(tokensOfLine(source, false).map(({ column, length, kind }) => ({ column, length, kind }))).toEqual(own);
        }
      }),
      { numRuns: 200, seed: 20261120 },
    );
  });
});

test('renaming is never wrong about places: every occurrence reads as the name', () => {
  fc.assert(
    fc.property(anyScenarioText, fc.nat(), fc.nat(), (text, anyLine, anyColumn) => {
      const document = service.document('main', text);
      const line = anyLine % document.source.length;
      const place = { line, column: anyColumn % (document.lineText(line).length + 1) };
      const symbol = service.renamable('main', text, place);
      if ('reason' in symbol) return;
      for (const { scenario, range } of service.references('main', text, place, noSurroundings)) {
        expect(scenario).toBe('main');
        expect(text.slice(range.start.offset, range.end.offset)).toBe(symbol.name);
      }
    }),
    { numRuns: 500, seed: 20261120 },
  );
});

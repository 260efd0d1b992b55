/** Completion: what is offered at each kind of place, and what choosing it writes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keywords } from '#shared/scenario/keywords.ts';
import type { Completion } from '#shared/scenario/language-service/completion.ts';
import { LanguageService } from '#shared/scenario/language-service/language-service.ts';
import { contextOf } from '#shared/scenario/language-service/line-context.ts';
import { noSurroundings } from '#shared/scenario/language-service/surroundings.ts';
import { anyScenarioText } from '../scenario-samples.ts';
import { marked, surroundings } from './exchange.ts';

const service = new LanguageService();

function completions(textWithMark: string, around = surroundings): Completion[] {
  const { text, place } = marked(textWithMark);
  return service.completions('main', text, place, around);
}

function labels(textWithMark: string): string[] {
  return completions(textWithMark).map(({ label }) => label);
}

/** The line after one of the suggestions was chosen. */
function chosen(textWithMark: string, label: string): string {
  const { text, place } = marked(textWithMark);
  const found = service.completions('main', text, place, surroundings).find((each) => each.label === label);
  const line = text.split('\n')[place.line] ?? '';
  return found
    ? line.slice(0, found.range.start.column) + (found.insert ?? found.label) + line.slice(found.range.end.column)
    : '(not offered)';
}

describe('where a statement begins', () => {
  test('every statement and every command is offered', () => {
    const offered = labels('‸');
    for (const keyword of keywords) expect(offered.some((label) => label.split(' ')[0] === keyword)).toBe(true);
    expect(offered).toEqual(expect.arrayContaining(['start_load', 'place_order', 'report', 'kill', 'status']));
  });

  test('a step number and indentation change nothing', () => {
    expect(labels('3 sta‸')).toContain('start_load');
    expect(labels('  sta‸')).toContain('start_load');
    expect(labels('3‸')).toContain('start_load');
  });

  test('after `then` and `else` only what may stand there', () => {
    for (const text of ["if #{a} == 'x' then ‸", 'if Gateway.STATE == UP then echo a else ‸']) {
      const offered = labels(text);
      expect(offered).toContain('goto label');
      expect(offered).toContain('start_load');
      expect(offered).not.toContain('label name');
    }
    expect(labels('if a == b then label ‸')).toEqual([]);
  });

  test('a command brings places for what must be given, choices among them', () => {
    expect(chosen('place‸', 'place_order')).toBe("place_order ${1|buy,sell,'sell short'|} ${2:quantity}");
    expect(chosen('start‸', 'start_load')).toBe('start_load');
    expect(completions('sta‸').find(({ label }) => label === 'start_load')).toMatchObject({ detail: 'by INJ', kind: 'command' });
    expect(completions('‸').find(({ label }) => label === 'exec_smoke')?.detail).toBe('by INJ, disruptive');
  });
});

describe('arguments', () => {
  test('values by position, then names', () => {
    expect(labels('place_order ‸')).toEqual(['buy', 'sell', "'sell short'", 'side=', 'quantity=', 'urgent=']);
    expect(labels('place_order buy ‸')).toEqual(['quantity=', 'urgent=']);
    expect(labels('place_order buy 5 ‸')).toEqual(['true', 'false', 'urgent=']);
    expect(labels('place_order quantity=5 ‸')).not.toContain('quantity=');
    expect(labels('set answer place_order ‸')).toContain('buy');
    expect(labels('defer start_load ‸')).toEqual(['100', 'rate=']);
  });

  test('the values of a named one replace the whole word', () => {
    expect(chosen('place_order side=s‸', 'side=sell')).toBe('place_order side=sell');
  });

  test('components and signals of the component commands', () => {
    expect(labels('kill ‸')).toEqual(['MatchingEnginePrimary', 'Gateway', '-9', '-KILL', '-TERM']);
    expect(labels('kill -‸')).toEqual(['-9', '-KILL', '-TERM']);
    expect(chosen('kill -‸', '-KILL')).toBe('kill -KILL ');
    expect(labels('kill -9 M‸')).toEqual(['MatchingEnginePrimary', 'Gateway']);
    expect(labels('kill -s ‸')).toEqual(['KILL', 'TERM']);
    expect(labels('kill -s TERM ‸')).toContain('Gateway');
    expect(labels('signal ‸')).toEqual(['KILL', 'TERM']);
    expect(labels('status ‸')).toContain('Gateway');
    const ranks = completions('kill -9 ‸').map(({ label, rank }) => [label, rank]);
    expect(ranks).toEqual([
      ['MatchingEnginePrimary', 2],
      ['Gateway', 8],
    ]);
  });
});

describe('conditions', () => {
  test('components, then their state and metrics with present values', () => {
    expect(labels('expect ‸')).toEqual(expect.arrayContaining(['MatchingEnginePrimary', '#{release}', 'error from', 'crash of', 'not']));
    expect(chosen('expect Mat‸', 'MatchingEnginePrimary')).toBe('expect MatchingEnginePrimary.');
    expect(completions('expect MatchingEnginePrimary.‸').map(({ label, detail }) => [label, detail])).toEqual([
      ['STATE', 'READY'],
      ['rss', '512 MB'],
      ['latency', 'no value'],
    ]);
    expect(chosen('wait MatchingEnginePrimary.r‸', 'rss')).toBe('wait MatchingEnginePrimary.rss');
    expect(labels('if Gateway.‸')).toEqual(['STATE', 'orders']);
  });

  test('operators, states, what may follow', () => {
    expect(labels('wait MatchingEnginePrimary.STATE ‸')).toEqual(['==', '!=']);
    expect(labels('wait Gateway.orders ‸')).toContain('<=');
    expect(completions('wait MatchingEnginePrimary.STATE == ‸').slice(0, 2)).toMatchObject([
      { label: 'READY', detail: 'now' },
      { label: 'STANDBY' },
    ]);
    expect(labels('if MatchingEnginePrimary.STATE==‸')).toContain('CRASHED');
    expect(labels('wait MatchingEnginePrimary.STATE == READY ‸')).toEqual(['within', 'and', 'or']);
    expect(labels('expect Gateway.orders > 5 within 3s ‸')).toEqual(['for']);
    expect(labels('expect Gateway.orders > 5 within ‸')).toContain('30s');
    expect(labels('if Gateway.orders > 5 ‸')).toEqual(['then', 'and', 'or']);
    expect(labels('expect Gateway.orders > 5 and ‸')).toContain('Gateway');
  });

  test('events', () => {
    expect(labels('on error from ‸')).toEqual(['MatchingEnginePrimary', 'Gateway']);
    expect(labels('on crash ‸')[0]).toBe('of');
    expect(labels('on error from Gateway ‸')).toEqual(['goto']);
    expect(labels('expect crash of Gateway ‸')).toEqual(['within', 'for']);
    expect(labels('expect error == ‸')).not.toContain('from');
  });
});

describe('names of the scenario itself', () => {
  test('labels after goto, wherever goto stands', () => {
    const text = 'label pass\nlabel lost\n';
    expect(labels(`${text}goto ‸`)).toEqual(['pass', 'lost']);
    expect(labels(`${text}if a == b then goto l‸`)).toEqual(['pass', 'lost']);
    expect(labels(`${text}on error from Gateway goto ‸`)).toEqual(['pass', 'lost']);
  });

  test('variables in a reference: own ones, those of called scenarios, parameters; not of strangers', () => {
    const text = "---\nparameters: { rate: 5 }\n---\nset status exec_smoke\ncall lost cause=x\nprompt answer 'Go on?' yes no\necho #{‸";
    expect(labels(text)).toEqual([
      'rate',
      'status',
      'answer',
      'cause',
      'patience',
      'loss',
      'release',
      'unique.',
      'MatchingEnginePrimary',
      'Gateway',
    ]);
    expect(completions(text).find(({ label }) => label === 'loss')?.detail).toBe('lost, line 7');
    expect(labels(text)).not.toContain('account');
    expect(chosen("echo 'it is #{rel‸ now'", 'release')).toBe("echo 'it is #{release} now'");
    expect(labels('echo #{Gateway.‸}')).toEqual(['STATE', 'orders']);
    expect(labels('set a = 5\necho #{a} ‸')).toEqual([]);
  });

  test('called scenarios with what they need', () => {
    expect(labels('call ‸')).toEqual(['lost', 'other']);
    expect(chosen('call ‸', 'lost')).toBe('call lost cause=${1:value}');
    expect(labels('call lost cause=x ‸')).toEqual(['patience=']);
  });

  test('keys of the front matter', () => {
    expect(labels('---\n‸\n---\n')).toEqual(['title', 'tags', 'timeout', 'parameters']);
    expect(labels('---\nti‸')).toContain('timeout');
    expect(labels('---\ntitle: ‸\n---')).toEqual([]);
  });
});

test('nothing is offered in comments, quotes, texts and new names', () => {
  for (const text of ['# ki‸', "echo 'start‸", 'echo start‸', 'label pas‸', 'set na‸', 'start_load # ‸', 'set x = ‸'])
    expect({ text, offered: labels(text) }).toEqual({ text, offered: [] });
});

test('without an environment the language is still offered', () => {
  const offered = completions('‸', noSurroundings).map(({ label }) => label);
  expect(offered).toContain('label name');
  expect(offered).not.toContain('start_load');
});

describe('what already stands right of the caret', () => {
  test('a reference gets exactly one brace, whoever wrote it', () => {
    for (const [before, after] of [
      ['echo #{rel‸', 'echo #{release}'],
      ['echo #{rel‸}', 'echo #{release}'],
      ["echo '#{rel‸}'", "echo '#{release}'"],
      ["echo '#{rel‸'", "echo '#{release}'"],
      ["expect #{rel‸} == 'rc1'", "expect #{release} == 'rc1'"],
      ["expect #{rel‸ == 'rc1'", "expect #{release} == 'rc1'"],
      ['echo #{r‸elea}', 'echo #{release}'],
      ['echo #{‸rubbish }!', 'echo #{release}!'],
      ['echo #{rel‸ and #{release}', 'echo #{release} and #{release}'],
      ['echo #{‸Gateway.orders{side="buy"}}', 'echo #{release}'],
      ['post \'{"id": #{rel‸}}\'', 'post \'{"id": #{release}}\''],
    ] as const)
      expect(chosen(before, 'release')).toBe(after);
  });

  test('a component keeps the metric that follows, and a metric ends the reference', () => {
    expect(chosen('echo #{Gate‸way.orders}', 'MatchingEnginePrimary')).toBe('echo #{MatchingEnginePrimary.orders}');
    expect(chosen('echo #{Gate‸}', 'Gateway')).toBe('echo #{Gateway.}');
    expect(chosen('echo #{Gate‸', 'Gateway')).toBe('echo #{Gateway.$0}');
    expect(chosen('echo #{Gateway.o‸', 'orders')).toBe('echo #{Gateway.orders}');
    expect(chosen('echo #{Gateway.o‸ld}', 'orders')).toBe('echo #{Gateway.orders}');
    expect(chosen('echo #{Gateway.o‸ld{side="buy"}}', 'orders')).toBe('echo #{Gateway.orders}');
  });

  test('the rest of a word is replaced, in every kind of place', () => {
    expect(chosen('expect Gate‸way.orders > 5', 'MatchingEnginePrimary')).toBe('expect MatchingEnginePrimary.orders > 5');
    expect(chosen('expect Gateway.o‸ld > 5', 'orders')).toBe('expect Gateway.orders > 5');
    expect(chosen('expect Gateway.STATE == U‸NKNOWN within 5s', 'UP')).toBe('expect Gateway.STATE == UP within 5s');
    expect(chosen('expect Gateway.orders ‸<= 5', '>=')).toBe('expect Gateway.orders >= 5');
    expect(chosen('kill -9 Mat‸ch', 'Gateway')).toBe('kill -9 Gateway');
    expect(chosen('label pass\ngoto p‸osition', 'pass')).toBe('goto pass');
    expect(chosen('place_order side=b‸uy 5', 'side=sell')).toBe('place_order side=sell 5');
    expect(chosen('call lost cau‸se=x', 'cause=')).toBe('call lost cause=x');
    expect(chosen('---\nti‸tel: x\n---\n', 'title')).toBe('title: x');
  });

  test('places to fill in come only where nothing follows', () => {
    expect(chosen('pla‸ce buy 5', 'place_order')).toBe('place_order buy 5');
    expect(chosen('ex‸pct Gateway.STATE == UP', completions('ex‸').find(({ label }) => label.startsWith('expect'))?.label ?? '')).toBe(
      'expect Gateway.STATE == UP',
    );
    expect(chosen('pla‸ # a comment', 'place_order')).toContain('${1|');
  });

  test('after any choice in a reference the line has as many closing braces as it opened, and says so', () => {
    const name = fc.constantFrom('', 'rel', 'Gateway', 'Gateway.', 'Gateway.or', 'unique.', 'x-1');
    const frame = fc.constantFrom(
      ['echo ', ''],
      ["echo 'a ", " b'"],
      ['expect ', ' == 5'],
      ['set a = ', ' # c'],
      ['post \'{"id": ', "}'"],
      ['echo #{release} ', ' #{release}'],
    );
    const brace = fc.constantFrom('', '}', ' }');
    fc.assert(
      fc.property(frame, name, name, brace, ([before = '', after = ''], left, right, close) => {
        const text = `${before}#{${left}‸${right}${close}${after}`;
        for (const { label, goOn, snippet } of completions(text)) {
          const line = chosen(text, label)
            .replaceAll(/\$\{\d+:(\w+)\}/g, '$1')
            .replace('$0', snippet ? 'orders' : '$0');
          const whole = goOn && line.includes('.}') ? line.replace('.}', '.orders}') : line;
          expect(whole.split('{').length, whole).toBe(whole.split('}').length);
          const { problems } = service.document('main', whole).parsed;
          expect(
            problems.filter(({ code }) => /brace|reference/.test(code)),
            whole,
          ).toEqual([]);
        }
      }),
      { numRuns: 300, seed: 20261201 },
    );
  });
});

test('no line, however odd, keeps it from answering; what is replaced always holds the caret', () => {
  const place = fc.tuple(anyScenarioText, fc.nat(), fc.nat());
  fc.assert(
    fc.property(place, ([text, anyLine, anyColumn]) => {
      const document = service.document('main', text);
      const line = anyLine % document.source.length;
      const column = anyColumn % (document.lineText(line).length + 1);
      for (const { range } of service.completions('main', text, { line, column }, surroundings)) {
        expect(range).toMatchObject({ start: { line }, end: { line } });
        expect(range.start.column).toBeLessThanOrEqual(column);
        expect(range.end.column).toBeGreaterThanOrEqual(column);
        expect(range.end.column).toBeLessThanOrEqual(document.lineText(line).length);
      }
      service.hover('main', text, { line, column }, surroundings);
      contextOf(document.lineText(line).slice(0, column));
    }),
    { numRuns: 300, seed: 20261120 },
  );
});

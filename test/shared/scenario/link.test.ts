/** The linker: what a program is made of, and calls that lead nowhere or in a circle. */
import { describe, expect, test } from 'vitest';
import { linkProgram, maximumScenarios } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';

function link(texts: Record<string, string>, root = 'main') {
  const loads: string[] = [];
  const linked = linkProgram(
    root,
    (name) => {
      loads.push(name);
      const text = texts[name];
      return text === undefined ? undefined : parseScenario(name, text);
    },
    Object.keys(texts),
  );
  return { ...linked, loads };
}

describe('linking', () => {
  test('follows every call once, in branches too', () => {
    const { program, problems, loads } = link({
      main: 'call a\nif #{x} == 1 then call b else call c\ncall a',
      a: 'call c',
      b: 'echo b',
      c: 'echo c',
      unused: 'echo unused',
    });
    expect(problems).toEqual([]);
    expect(loads).toEqual(['main', 'a', 'b', 'c']);
    expect([...program.scenarios.keys()]).toEqual(['main', 'a', 'b', 'c']);
    expect(program.root).toBe('main');
  });

  test('a missing scenario is told of at every call, with the name that was probably meant', () => {
    const { problems } = link({ main: 'call helth_check\necho a\ncall helth_check', health_check: 'echo a' });
    expect(problems).toMatchObject([
      { code: 'missing-scenario', file: 'main', range: { start: { line: 0, column: 5 } }, fix: { replacement: 'health_check' } },
      { code: 'missing-scenario', file: 'main', range: { start: { line: 2 } } },
    ]);
  });

  test('a missing root is a problem, too', () => {
    expect(link({}, 'main').problems).toMatchObject([{ code: 'missing-scenario', file: 'main' }]);
  });

  test('problems of the called scenarios are told with their name', () => {
    expect(link({ main: 'call a', a: 'goto' }).problems).toMatchObject([{ code: 'missing-name', file: 'a' }]);
  });

  test.each([
    [{ main: 'call main' }, 'main → main'],
    [{ main: 'call a', a: 'call b', b: 'call a' }, 'a → b → a'],
    [{ main: 'echo a\ncall a', a: 'if #{x} == 1 then call main' }, 'main → a → main'],
  ])('a circle of calls is told of: %j', (texts, circle) => {
    const { problems } = link(texts);
    expect(problems).toMatchObject([{ code: 'recursive-call', message: expect.stringContaining(circle) }]);
  });

  test('two ways to the same scenario are no circle', () => {
    expect(link({ main: 'call a\ncall b', a: 'call c', b: 'call c', c: 'echo c' }).problems).toEqual([]);
  });

  test('a chain of very many scenarios is cut off with a message', () => {
    const load = (name: string) => parseScenario(name, `call s${Number(name.slice(1)) + 1}`);
    const { program, problems } = linkProgram('s0', load);
    expect(program.scenarios.size).toBe(maximumScenarios);
    expect(problems).toMatchObject([{ code: 'program-too-large' }]);
  });
});

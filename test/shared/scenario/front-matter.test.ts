/** Front matter: what it gives, and that its problems are told at their place in the whole file. */
import { describe, expect, test } from 'vitest';
import { parseScenario } from '#shared/scenario/parser.ts';

const frontMatterOf = (yaml: string) => parseScenario('test', `---\n${yaml}\n---\necho a\n`);

describe('front matter', () => {
  test('title, tags, timeout and parameters', () => {
    const { scenario, problems } = frontMatterOf(
      ['title: Failover', 'tags: [smoke, nightly]', 'timeout: 10m', 'parameters:', '  rate: 300', '  version: 1.10', '  account:'].join(
        '\n',
      ) + "\n  limit: { default: '500ms', help: how long }\n  must: { help: no default }",
    );
    expect(problems).toEqual([]);
    expect(scenario.frontMatter).toMatchObject({
      title: 'Failover',
      tags: ['smoke', 'nightly'],
      timeout: 600_000,
      parameters: [
        { name: 'rate', default: '300', help: null },
        { name: 'version', default: '1.10', help: null },
        { name: 'account', default: null, help: null },
        { name: 'limit', default: '500ms', help: 'how long' },
        { name: 'must', default: null, help: 'no default' },
      ],
    });
    expect(scenario.lines.findIndex(({ statement }) => statement)).toBe(11);
  });

  test('parameters as a list of names, one tag alone, a timeout in seconds', () => {
    const { scenario, problems } = frontMatterOf('parameters: [a, b]\ntags: smoke\ntimeout: 90');
    expect(problems).toEqual([]);
    expect(scenario.frontMatter).toMatchObject({
      tags: ['smoke'],
      timeout: 90_000,
      parameters: [
        { name: 'a', default: null },
        { name: 'b', default: null },
      ],
    });
  });

  test('empty front matter, and that of a file from Windows with a byte order mark', () => {
    expect(parseScenario('test', '---\n---\n').scenario.frontMatter).toMatchObject({ title: null, tags: [], parameters: [] });
    const { scenario, problems } = parseScenario('test', '\uFEFF---\r\ntitle: a\r\n---\r\necho b\r\n');
    expect(problems).toEqual([]);
    expect(scenario.frontMatter).toMatchObject({ title: 'a', text: '---\r\ntitle: a\r\n---' });
    expect(scenario.lines[3]!.statement).toMatchObject({ kind: 'echo' });
  });

  test.each([
    ['title: [a]', 'bad-front-matter', 1, '[a]'],
    ['tags:\n  - a\n  - {b: c}', 'bad-front-matter', 3, '{b: c}'],
    ['timeout: soon', 'bad-front-matter', 1, 'soon'],
    ['timeout: 0', 'bad-front-matter', 1, '0'],
    ['timeout: 1000h', 'bad-front-matter', 1, '1000h'],
    ['titel: a', 'unknown-front-matter-key', 1, 'titel'],
    ['title: a\ntitle: b', 'bad-front-matter', 2, 'title'],
    ['parameters: [a, a]', 'bad-front-matter', 1, 'a'],
    ['parameters:\n  a b: 1', 'bad-front-matter', 2, 'a b'],
    ['parameters:\n  a: {defualt: 1}', 'unknown-front-matter-key', 2, 'defualt'],
    ['parameters: 5', 'bad-front-matter', 1, '5'],
    ['- a', 'bad-front-matter', 1, '- a'],
    ['title: *nobody', 'bad-front-matter', 1, '*nobody'],
  ])('%j is told of', (yaml, code, line, at) => {
    const { problems } = frontMatterOf(yaml);
    const text = `---\n${yaml}\n---\necho a\n`;
    expect(problems).toHaveLength(1);
    const { range } = problems[0]!;
    expect(problems[0]).toMatchObject({ code, range: { start: { line } } });
    expect(text.slice(range.start.offset, range.end.offset).trim()).toBe(at);
  });

  test('broken YAML is one problem with its place; the statements after it are read', () => {
    const { scenario, problems } = frontMatterOf('title: a\ntags: [a');
    expect(problems.every(({ code }) => code === 'bad-front-matter')).toBe(true);
    expect(problems[0]!.range.start.line).toBeGreaterThanOrEqual(2);
    expect(problems[0]!.message).not.toContain('\n');
    expect(scenario.lines[4]!.statement).toMatchObject({ kind: 'echo' });
  });

  test('front matter that is never closed', () => {
    const { scenario, problems } = parseScenario('test', '---\ntitle: a\n');
    expect(problems.map(({ code }) => code)).toContain('unclosed-front-matter');
    expect(scenario.frontMatter).toBeNull();
  });

  test.each([
    ['deep nesting', '['.repeat(30_000)],
    ['aliases of aliases', 'a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]'],
    ['too much of it', `title: ${'x'.repeat(40_000)}`],
  ])('%s is refused in time', (_, yaml) => {
    expect(frontMatterOf(yaml).problems.length).toBeGreaterThan(0);
  });
});

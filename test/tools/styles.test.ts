/** The tokens stand in one file: no other style sheet has a colour, a size of type or a distance of its own, or a token that is not there. */
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

const tokenFile = 'renderer/styles/theme.css';
/** Of the whole page, for names that many views have. */
const pageFile = 'renderer/styles/page.css';
/** The only one that asks the page what its style is. */
const reader = 'renderer/styles/applied-theme.ts';

/** Custom properties that libraries define, and read. */
const libraries = /^--(?:mantine|dv)-/;

const colour =
  /#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(|(?<![\w-])(?:black|white|gr[ae]y|silver|red|green|blue|orange|yellow|purple|pink)(?![\w-])/i;
const size = /^font(?:-size:.*|: [^/]*)\d(?:px|pt|r?em|%)/;
const distance = /^(?:padding|margin|gap|row-gap|column-gap)[a-z-]*:/;
/** Up to 3px: lines, and corrections for the eye. What is placed in the middle by half its size has no distance. */
const literalDistance = /(?<![\w.-])(?:[4-9]|\d{2,})(?:\.\d+)?px/;

/**
 * Distances that are sizes of something else: what stands in the place that is left free. Each says of what.
 */
const measured: Readonly<Record<string, string>> = {
  'padding: var(--space-half) 44px 0 var(--space-2)': 'the two buttons at the right of a chart’s head',
  'padding: var(--space-1) var(--space-3) var(--space-2) 30px': 'below a component’s name, behind its arrow',
  'padding-left: 20px': 'below a component’s name in the list of series',
  'padding-left: 18px': 'numbers of a list',
  'padding: 7px 0 5px': 'an icon over a word, in the middle for the eye',
  'padding-right: calc(var(--space-3) + 32px)': 'below a finding’s columns',
  'padding-left: calc(var(--space-3) + 30px)': 'below a finding’s columns',
};

interface Sheet {
  readonly file: string;
  readonly declarations: readonly string[];
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*.*?\*\//gs, '');
}

/** `name: value`, each on one line. */
function declarationsOf(css: string): string[] {
  return [...withoutComments(css).matchAll(/(?<=[{;]\s*)([\w-]+:[^;{}]*)(?=;)/g)].map(([, declaration = '']) =>
    declaration.replaceAll(/\s+/g, ' ').trim(),
  );
}

/** What a style sheet has that belongs to the tokens. */
function literalsOf(declarations: readonly string[]): string[] {
  return declarations.filter(
    (each) => colour.test(each) || size.test(each) || (distance.test(each) && literalDistance.test(each) && !(each in measured)),
  );
}

const sheets: Sheet[] = [];
const sources: { readonly file: string; readonly text: string }[] = [];

beforeAll(async () => {
  for await (const file of glob('renderer/**/*.css')) sheets.push({ file, declarations: declarationsOf(await readFile(file, 'utf8')) });
  for await (const file of glob('renderer/**/*.{ts,tsx}')) sources.push({ file, text: await readFile(file, 'utf8') });
});

describe('style sheets', () => {
  test('have no colour, size of type or distance of their own', () => {
    expect(sheets.length).toBeGreaterThan(20);
    const found = sheets
      .filter(({ file }) => file !== tokenFile)
      .flatMap(({ file, declarations }) => literalsOf(declarations).map((each) => `${file}: ${each}`));
    expect(found).toEqual([]);
  });

  test.each([
    'color: #fff',
    'background: rgb(0 0 0 / 12%)',
    'border: 1px solid white',
    'background: color-mix(in srgb, var(--accent) 85%, black)',
    'font-size: 11px',
    'font: bold 11px/13px var(--font-code)',
    'padding: 0 6px',
    'gap: calc(2 * 8px)',
  ])('%s is found', (declaration) => expect(literalsOf([declaration])).toEqual([declaration]));

  test.each([
    'color: var(--white-ish)',
    'border-left: 3px solid transparent',
    'font: bold var(--text-small) / 13px var(--font-code)',
    'font-size: inherit',
    'padding: 3px var(--space-2)',
    'white-space: nowrap',
  ])('%s is not', (declaration) => expect(literalsOf([declaration])).toEqual([]));

  test('are modules, but for the tokens and the page', () => {
    const whole = sheets.map(({ file }) => file).filter((file) => !file.endsWith('.module.css'));
    expect(whole.toSorted()).toEqual([pageFile, tokenFile]);
  });
});

describe('code', () => {
  test('takes the sheets that are no modules from one place, in which their order stands', () => {
    const sheet = /import '(?!uplot\/)[^']*(?<!\.module)\.css'/;
    const takers = sources.filter(({ text }) => sheet.test(text)).map(({ file }) => file);
    expect(takers).toEqual(['renderer/styles/page-styles.ts']);
    const pages = sources
      .filter(({ text }) => text.includes('createRoot('))
      .map(({ file, text }) => [file, text.includes("'./styles/page-styles.ts'")]);
    expect(pages.toSorted(([one], [other]) => String(one).localeCompare(String(other)))).toEqual([
      ['renderer/main.tsx', true],
      ['renderer/radiator-page.tsx', true],
    ]);
  });

  test('has no colour and no size of type of its own', () => {
    const found = sources.flatMap(({ file, text }) =>
      [...withoutComments(text).matchAll(/['"`]#[0-9a-f]{3,8}['"`]|\brgba?\(|\bfontSize: ['"]?\d/gi)].map(
        ([literal]) => `${file}: ${literal}`,
      ),
    );
    expect(found).toEqual([]);
  });

  test('reads the style of the page in one place', () => {
    const readers = sources.filter(({ text }) => text.includes('getComputedStyle')).map(({ file }) => file);
    expect(readers).toEqual([reader]);
  });
});

/** Classes of a module, but for those that are of the whole page. */
function classesOf(css: string): Set<string> {
  const own = withoutComments(css).replaceAll(/:global\((?:[^()]|\([^()]*\))*\)/g, '');
  const selectors = [...own.matchAll(/[^{};]+(?=\{)/g)].join(' ');
  return new Set([...selectors.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name = '']) => name));
}

/** Classes that code takes from each module. */
function classesTaken(): Map<string, Set<string>> {
  const taken = new Map<string, Set<string>>();
  for (const { file, text } of sources)
    for (const [, name = '', path = ''] of text.matchAll(/import (\w+) from '([^']+\.module\.css)'/g)) {
      const module = join(dirname(file), path);
      const known = taken.get(module) ?? new Set();
      for (const [, each = ''] of text.matchAll(new RegExp(`\\b${name}\\['([^']+)'\\]`, 'g'))) known.add(each);
      taken.set(module, known);
    }
  return taken;
}

test('modules have the classes that are taken from them, and no others', async () => {
  const taken = classesTaken();
  const found: string[] = [];
  for (const { file } of sheets.filter(({ file }) => file.endsWith('.module.css'))) {
    const defined = classesOf(await readFile(file, 'utf8'));
    const used = taken.get(file) ?? new Set();
    for (const name of defined) if (!used.has(name)) found.push(`${file}: nobody takes ${name}`);
    for (const name of used) if (!defined.has(name)) found.push(`${file}: no ${name}`);
  }
  expect(found).toEqual([]);
});

test('every custom property that is used is defined', () => {
  const defined = new Set(sheets.flatMap(({ declarations }) => declarations.flatMap((each) => /^--[\w-]+/.exec(each)?.[0] ?? [])));
  for (const { text } of sources) for (const [, name = ''] of text.matchAll(/['"](--[\w-]+)['"]\s*:/g)) defined.add(name);
  const used = [
    ...sheets.flatMap(({ file, declarations }) => declarations.map((text) => ({ file, text }))),
    ...sources.map(({ file, text }) => ({
      file,
      text: text.includes('readTokens') ? text.replaceAll(/['"](--[\w-]+)['"](?!\s*:)/g, 'var($1)') : text,
    })),
  ].flatMap(({ file, text }) => [...text.matchAll(/var\((--[\w-]+)/g)].map(([, name = '']) => ({ file, name })));
  expect(used.length).toBeGreaterThan(500);
  expect(used.filter(({ name }) => !defined.has(name) && !libraries.test(name)).map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
});

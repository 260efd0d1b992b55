/** The recipes of CONTRIBUTING.md are true: what they name is there, and one of them is followed to the letter. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const [, chapter = ''] = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').split(/^## Recipes$/m);
const recipes = (chapter.split(/^## /m)[0] ?? '').split(/^### /m).slice(1);

interface Step {
  readonly file: string;
  /** What is changed there; null where the whole file is named. */
  readonly symbol: string | null;
}

function stepsOf(recipe: string): Step[] {
  const lines = recipe.split('\n').filter((line) => /^\d+\. /.test(line));
  return lines.flatMap((line) =>
    [...line.matchAll(/`([\w./-]+\.(?:tsx?|md))`(?:, `(\w+)`)?/g)].map(([, file = '', symbol]) => ({ file, symbol: symbol ?? null })),
  );
}

function declares(source: string, symbol: string): boolean {
  return new RegExp(`\\b(?:function|const|class|interface|type) ${symbol}\\b|^ +${symbol}\\(.*\\{$`, 'm').test(source);
}

test('there is one for each kind of thing that is often added', () => {
  const titles = recipes.map((recipe) => recipe.split('\n')[0]);
  expect(titles).toEqual([
    'A statement of the scenario language',
    "A record of a run's log",
    'A collector of the daemon',
    'A view of the console',
    'A panel of the Run view',
    'A command of the terminal',
    'An adapter of an open format',
    'An adapter of a test framework',
    'A method of the contract',
  ]);
});

describe.each(recipes.map((recipe) => [recipe.split('\n')[0] ?? '', recipe]))('%s', (_, recipe) => {
  const steps = stepsOf(recipe);

  test('touches few files', () => {
    expect(recipe.match(/^\d+\. /gm)?.length).toBeGreaterThan(1);
    expect(recipe.match(/^\d+\. /gm)?.length).toBeLessThan(7);
    expect(steps.length).toBeGreaterThan(0);
  });

  test('names what is there', () => {
    const wrong = steps.filter(({ file, symbol }) => {
      const path = join(root, file);
      if (file === 'index.tsx') return false;
      return !existsSync(path) || (symbol !== null && !declares(readFileSync(path, 'utf8'), symbol));
    });
    expect(wrong).toEqual([]);
  });
});

/** Blocks of source, each with the file that it belongs to. */
function sourcesIn(recipe: string): { readonly file: string; readonly text: string }[] {
  return [...recipe.matchAll(/^```ts (.+)\n([\s\S]*?)^```$/gm)].map(([, file = '', text = '']) => ({ file, text }));
}

describe('the recipe of a collector, followed to the letter', () => {
  const [own, listed] = sourcesIn(recipes.find((recipe) => recipe.startsWith('A collector')) ?? '');
  let copy: string;

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'testops-recipe-'));
    for (const part of ['network', 'platform', 'shared', 'package.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    writeFileSync(join(copy, own?.file ?? ''), own?.text ?? '');
    addToList(join(copy, listed?.file ?? ''), listed?.text ?? '');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  /** Puts the imports before those that there are, and the entries first into the list. */
  function addToList(file: string, block: string): void {
    const imports = block.split('\n').filter((line) => line.startsWith('import '));
    const [head = '', ...entries] = block.slice(block.indexOf('const ')).trimEnd().split('\n').slice(0, -1);
    const source = readFileSync(file, 'utf8');
    expect(source).toContain(`\n${head}\n`);
    writeFileSync(file, `${imports.join('\n')}\n${source.replace(`\n${head}\n`, `\n${[head, ...entries].join('\n')}\n`)}`);
  }

  test('gives a daemon whose types fit', { timeout: 180_000 }, () => {
    const only = { extends: './tsconfig.json', include: ['network/daemon'], exclude: [] };
    writeFileSync(join(copy, 'tsconfig.daemon.json'), JSON.stringify(only));
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const check = () =>
      execFileSync(process.execPath, [compiler, '--noEmit', '-p', 'tsconfig.daemon.json'], { cwd: copy, encoding: 'utf8' });
    expect(check()).toBe('');
  });

  test.runIf(process.platform === 'linux')('gives a daemon that has the section and tells the series', { timeout: 60_000 }, () => {
    writeFileSync(join(copy, 'try.ts'), trial);
    const told: unknown = JSON.parse(execFileSync(process.execPath, ['try.ts'], { cwd: copy, encoding: 'utf8' }));
    expect(told).toEqual({ problems: [], misplaced: ['duplicate-component'], told: [['System', 'files_open', 'count', true]] });
  });
});

/** Reads a configuration with the new section, observes once, and prints what came of it. */
const trial = `import { systemClock } from '#platform/clock.ts';
import { parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { startObservation } from '#network/daemon/observation.ts';

const head = 'daemon: MON\\nenvironment: demo\\nrouter: nats://127.0.0.1:4222\\n';
const file = new URL('daemon.yaml', import.meta.url).pathname;
const { configuration, problems } = await parseDaemonConfiguration(head + 'openFiles: { component: System }', file);
const misplaced = await parseDaemonConfiguration(head + 'components: { A: { find: { pidFile: a } } }\\nopenFiles: { component: A }', file);
const declared = [];
const values = new Map();
const reporter = {
  event() {},
  declare: (component, metric, unit) => declared.push([component, metric, unit]) - 1,
  samples: (time, told) => told.forEach(({ series, value }) => values.set(series, value)),
};
const observation = await startObservation(configuration, reporter, systemClock);
await observation.dispose();
const told = declared.map((series, index) => [...series, values.get(index) > 0]);
console.log(JSON.stringify({ problems, misplaced: misplaced.problems.map(({ code }) => code), told }));
`;

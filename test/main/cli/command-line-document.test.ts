/** Keeps docs/command-line.md true: whatever the command offers is described there, and whatever is described exists. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { recordBodySchema } from '#shared/run/records.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const text = readFileSync(join(root, 'docs', 'command-line.md'), 'utf8');
const groups = ['environment', 'workspace', 'campaign', 'suites', 'quarantine', 'radiator', 'runs', 'releases', 'keys'] as const;
/** Their options are their own program's. */
const programs = ['router', 'daemon'];

function help(...words: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'main', 'cli', 'testops.ts'), ...words, '--help'], { encoding: 'utf8' });
}

/** Names that a help text lists as commands. */
function commandsIn(helpText: string): string[] {
  const listed = helpText.split('Commands:\n')[1] ?? '';
  return [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}

function optionsIn(part: string): string[] {
  return [...new Set([...part.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option))].filter((option) => option !== '--help').sort(); // prettier-ignore
}

/** The part of the page under a heading that begins so. */
function section(heading: string): string {
  const start = text.indexOf(`\n## ${heading}`);
  expect(start, `a heading '${heading}'`).toBeGreaterThan(0);
  const end = text.indexOf('\n## ', start + 1);
  return text.slice(start, end === -1 ? undefined : end);
}

describe('docs/command-line.md', { timeout: 240_000 }, () => {
  let top: string;
  let commands: string[];
  beforeAll(() => {
    top = help();
    commands = commandsIn(top);
  });

  test('names every command, and no other', () => {
    const all = commands.flatMap((name) => {
      if (!groups.some((group) => group === name)) return [name];
      return commandsIn(help(name)).map((each) => `${name} ${each}`);
    });
    const described = new Set(
      [...text.matchAll(/`testops ([a-z]+)(?: ([a-z]+))?/g)].map(([, first = '', second]) =>
        groups.some((group) => group === first) ? `${first} ${second ?? ''}`.trim() : first,
      ),
    );
    for (const group of groups) described.delete(group);
    described.delete('help');
    expect([...described].sort()).toEqual(all.sort());
  });

  test('has the options of each command, and no others', () => {
    for (const name of commands.filter((each) => !programs.includes(each))) {
      const subcommands = groups.some((group) => group === name) ? commandsIn(help(name)) : [];
      const offered = subcommands.length > 0 ? subcommands.map((each) => help(name, each)).join('\n') : help(name);
      // Options that only a sentence refers to stand in prose; the tables say what a command takes.
      const described = section(`\`testops ${name}`)
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .join('\n');
      expect({ name, options: optionsIn(described) }).toEqual({ name, options: optionsIn(offered.split('Options:')[1] === undefined ? '' : optionLines(offered)) }); // prettier-ignore
    }
    expect(optionsIn(section('Everywhere'))).toEqual(optionsIn(optionLines(top)));
  });

  test('names every kind of record, and no other', () => {
    const kinds = recordBodySchema.options.map((option) => option.shape.kind.value);
    const table = text.slice(text.indexOf('### The records'));
    const described = [...table.matchAll(/^\| `([a-z-]+)` /gm)].map(([, kind]) => kind);
    expect(new Set(described)).toEqual(new Set(kinds));
  });
});

/** The lines of a help text that begin with an option. */
function optionLines(helpText: string): string {
  return [...helpText.matchAll(/^ {2}(-\S.*?)(?: {2}|$)/gm)].map(([, line = '']) => line).join('\n');
}

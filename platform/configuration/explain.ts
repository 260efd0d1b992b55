/** Turns what the schema and the YAML parser object to into problems a person can act on: place, sentence, tip. */
import type { z } from 'zod';
import type { YAMLError } from 'yaml';
import type { Problem } from '#shared/problem.ts';
import { nearestName } from '#shared/scenario/nearest-name.ts';
import { shown } from './leaves.ts';
import type { Path, Places } from './places.ts';
import { counted } from '#shared/wording/counts.ts';

type Issue = z.core.$ZodIssue;

/** What a schema objects to; several problems where several keys are not known. */
export function explainIssue(found: Issue, places: Places, file: string): readonly Problem[] {
  const issue = innermost(found);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue, key, places, file));
  const told = tell(issue);
  const range = issue.code === 'invalid_key' ? places.key(issue.path) : places.value(issue.path);
  return [
    {
      severity: 'error',
      file,
      range,
      code: told.code,
      message: `${pathText(issue.path)} ${told.message}.`,
      ...(told.tip ? { tip: told.tip } : {}),
    },
  ];
}

/** Where several forms are allowed, what the first of them objects to is the most helpful. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length)[0];
  return inner ? innermost({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

function unknownKey(issue: Issue, key: string, places: Places, file: string): Problem {
  const path = [...issue.path, key];
  const known = issue.message.split(' ');
  const close = nearestName(key, known);
  const where = issue.path.length > 0 ? ` in ${pathText(issue.path)}` : '';
  return {
    severity: 'error',
    file,
    range: places.key(path),
    code: 'unknown-key',
    message: `The key "${key}" is not known${where}.`,
    tip: close ? `Did you mean "${close}"?` : `Known keys are ${known.join(', ')}.`,
  };
}

/** An issue in words; `message` continues a sentence that starts with the place. */
interface Wording {
  readonly code: string;
  readonly message: string;
  readonly tip?: string | undefined;
}

const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
  string: 'a text',
  number: 'a number',
};

function tell(issue: Issue): Wording {
  switch (issue.code) {
    case 'custom': {
      const told = issue.params ?? {};
      return {
        code: String(told['code'] ?? 'bad-value'),
        message: issue.message,
        tip: typeof told['tip'] === 'string' ? told['tip'] : undefined,
      };
    }
    case 'invalid_type': {
      if (issue.input === undefined) return { code: 'missing-key', message: 'is missing' };
      const tip = issue.expected === 'array' ? 'Write [one, two], or one item per line after "- ".' : undefined;
      return { code: 'wrong-type', message: `must be ${typeWords[issue.expected] ?? issue.expected}, not ${shown(issue.input)}`, tip };
    }
    case 'too_small':
      return { code: 'too-few', message: `needs at least ${counted(Number(issue.minimum), 'item')}` };
    case 'too_big':
      return { code: 'too-many', message: `may have at most ${issue.maximum} items` };
    case 'invalid_key':
      return {
        code: 'bad-name',
        message: 'is not a usable name',
        tip: 'A name starts with a letter and holds only letters, digits and _ (components and actions also -), 64 at most.',
      };
    default:
      return { code: 'bad-value', message: `cannot be used (${issue.message})` };
  }
}

/** `components.A.logs[2].files`, or "The file" for the whole. */
export function pathText(path: Path): string {
  if (path.length === 0) return 'The file';
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`)).join('');
}

export function explainYaml(error: YAMLError, places: Places, file: string, text: string): Problem {
  const range = places.range(error.pos[0], error.pos[1]);
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^:\n]*/.exec(text.slice(error.pos[0]))?.[0].trim() ?? '';
    return {
      severity: 'error',
      file,
      range,
      code: 'duplicate-key',
      message: `The key "${key}" stands here a second time.`,
      tip: 'Keep one, or give the other another name.',
    };
  }
  const sentence = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
  return { severity: 'error', file, range, code: 'bad-yaml', message: `This is not YAML: ${sentence}.`, tip: tipOf(text, error.pos[0]) };
}

function tipOf(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1).split('\n')[0] ?? '';
  if (line.includes('\t')) return 'Indent with spaces, not with tabs.';
  if (line.includes('"') && line.includes('\\')) return 'Put regular expressions in single quotes.';
  return 'Look at indentation, quotes and brackets here and in the line above.';
}

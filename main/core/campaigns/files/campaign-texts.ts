/** What an editor is told of a suite, a campaign or the quarantine while somebody writes it: from the schemas that decode the files, and from what the workspace has. */
import { join } from 'node:path';
import type { z } from 'zod';
import type { campaignTextMethods } from '#shared/contract/campaign-texts.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { asPlain } from '../../contract/plain-problem.ts';
import type { MethodTable } from '../../contract/method-tables.ts';
import { problemsOfText, readCampaigns, readSuites, type CampaignTextKind } from './campaign-files.ts';
import { placeIn, type SchemaPlace } from './schema-guide.ts';
import { campaignFileSchema, quarantineFileSchema, suiteFileSchema } from './suite-schema.ts';
import { caretIn, keysIn, type YamlCaret } from './yaml-caret.ts';

type Suggestion = MethodResponse<'campaign-text.complete'>['suggestions'][number];
type Explanation = MethodResponse<'campaign-text.explain'>['explanation'];

const schemas: Readonly<Record<CampaignTextKind, z.ZodType>> = {
  suite: suiteFileSchema,
  campaign: campaignFileSchema,
  quarantine: quarantineFileSchema,
};

export const campaignTexts: MethodTable<keyof typeof campaignTextMethods> = {
  'campaign-text.check': async ({ folder, path, text }) => {
    const { suites } = await readSuites(folder);
    const names = suites.map(({ name }) => name);
    return { problems: problemsOfText(kindOf(path), text, join(folder, path), names).map(asPlain) };
  },
  'campaign-text.complete': async ({ folder, path, text, line, column }) => {
    const caret = caretIn(text, line, column);
    return { suggestions: caret ? suggestionsAt(schemas[kindOf(path)], caret, text, await namesOf(folder)) : [] };
  },
  'campaign-text.explain': async ({ path, text, line, column }) => ({ explanation: explained(schemas[kindOf(path)], text, line, column) }),
};

/** Which kind of text a path of the workspace is. */
function kindOf(path: string): CampaignTextKind {
  if (/^suites\/[^/]+\.ya?ml$/.test(path)) return 'suite';
  if (/^campaigns\/[^/]+\.ya?ml$/.test(path)) return 'campaign';
  if (path === 'quarantine.yaml') return 'quarantine';
  throw new ProblemError({
    code: 'no-campaign-text',
    message: `${path} is neither a suite, nor a campaign, nor the quarantine.`,
    tip: 'They stand in suites/*.yaml, campaigns/*.yaml and quarantine.yaml.',
  });
}

type Names = Readonly<Record<NonNullable<SchemaPlace['names']>, readonly string[]>>;

/** What the sound files of the workspace name. */
async function namesOf(folder: string): Promise<Names> {
  const [{ suites }, campaigns] = await Promise.all([readSuites(folder), readCampaigns(folder)]);
  const all = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
  return {
    suites: all(suites.map(({ name }) => name)),
    labels: all(suites.flatMap(({ content }) => content?.labels ?? [])),
    tags: all(suites.flatMap(({ content }) => content?.tags ?? [])),
    capacities: all([
      ...campaigns.flatMap(({ content }) => Object.keys(content?.capacities ?? {})),
      ...suites.flatMap(({ content }) => Object.keys(content?.needs ?? {})),
    ]),
  };
}

function suggestionsAt(schema: z.ZodType, caret: YamlCaret, text: string, names: Names): Suggestion[] {
  const place = placeIn(schema, caret.path);
  if (!place) return [];
  const { from } = caret;
  const isKey = caret.at === 'key' && place.isGroup;
  if (!isKey) {
    // A key without a group above it is a plain entry of a list, or nothing that is known.
    if (caret.at === 'key' && !caret.inList) return [];
    const values = [...place.words, ...(place.names ? names[place.names] : [])];
    return values.map((label) => ({ label, kind: 'value', help: place.help, insert: label, from }));
  }
  const there = new Set(
    keysIn(text)
      .filter((path) => isBelow(path, caret.path))
      .map((path) => path.at(-1)),
  );
  const known = place.keys ?? (place.names ? names[place.names] : []);
  return known
    .filter((key) => caret.path.includes('*') || !there.has(key))
    .map((key) => {
      const told = placeIn(schema, [...caret.path, key]);
      return { label: key, kind: 'key', help: told ? helpOf(told) : '', insert: `${key}: `, from };
    });
}

function isBelow(path: readonly string[], above: readonly string[]): boolean {
  return path.length === above.length + 1 && above.every((step, index) => path[index] === step);
}

/** Of the key at a place, or of that behind which the place is. */
function explained(schema: z.ZodType, text: string, line: number, column: number): Explanation {
  const written = text.split(/\r?\n/)[line] ?? '';
  for (const match of written.matchAll(/[\w-]+/g)) {
    const [from, to] = [match.index, match.index + match[0].length];
    if (column < from || column > to) continue;
    const caret = caretIn(text, line, to);
    if (!caret) return null;
    const isKey = /^\s*:(\s|$)/.test(written.slice(to)) && caret.at === 'key';
    const path = isKey ? [...caret.path, match[0]] : caret.path;
    const place = placeIn(schema, path);
    const key = path.findLast((step) => step !== '*');
    return place && key !== undefined && helpOf(place) !== '' ? { key, help: helpOf(place), from, to } : null;
  }
  return null;
}

function helpOf({ help, words, isRequired, fallback }: SchemaPlace): string {
  const may = words.length > 0 ? [`It may be ${words.join(', ')}.`] : [];
  const isTold = typeof fallback === 'string' || typeof fallback === 'number' || typeof fallback === 'boolean';
  const unless = isTold && fallback !== '' ? [`Unless given: ${String(fallback)}.`] : isRequired && help !== '' ? ['Required.'] : [];
  return [help, ...may, ...unless].filter((part) => part !== '').join(' ');
}

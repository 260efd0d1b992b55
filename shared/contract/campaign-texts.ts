/** Suites, campaigns and the quarantine as texts that somebody writes: what is wrong with them, what may be written where, and what it means. */
import { z } from 'zod';
import { problemSchema } from '#shared/problem-schema.ts';
import { folder, path, text } from './shapes.ts';

/** A text as it stands in an editor, of `suites/*.yaml`, `campaigns/*.yaml` or `quarantine.yaml` within the workspace. */
const asked = folder.extend({ path, text });
/** Counted from zero, in UTF-16 units. */
const count = z.int().min(0);
const caret = { line: count, column: count };

export const campaignTextMethods = {
  /** All that is wrong with a text, each with its place, as the core would say when it reads the file. */
  'campaign-text.check': { request: asked, response: z.object({ problems: z.array(problemSchema) }) },
  /** What may be written at the caret: keys that are not there yet, words, names of suites, labels, tags and capacities that the workspace has. */
  'campaign-text.complete': {
    request: asked.extend(caret),
    response: z.object({
      suggestions: z.array(
        z.object({
          label: z.string(),
          kind: z.enum(['key', 'value']),
          help: z.string(),
          insert: z.string(),
          /** Column of the line from which on it takes the place of what was typed. */
          from: count,
        }),
      ),
    }),
  },
  /** What the key at a place means, what it may be, and what holds unless it is given. */
  'campaign-text.explain': {
    request: asked.extend(caret),
    response: z.object({ explanation: z.object({ key: z.string(), help: z.string(), from: count, to: count }).nullable() }),
  },
} as const;

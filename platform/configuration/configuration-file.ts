/**
 * Configuration files: YAML as text becomes plain data, then what a schema makes of it; or all that is wrong with it, each problem
 * with its place. One reader for the daemon's, the router's and the environment's file.
 */
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import type { Problem } from '#shared/problem.ts';
import { explainIssue, explainYaml } from './explain.ts';
import { Places } from './places.ts';
import { plainContent, readBounded, textOf, type FileWords } from './read-file.ts';

/** What kind of file it is. */
export interface FileKind extends FileWords {
  /** What a file needs in any case, as a sentence; absent where an empty one will do. */
  readonly needs?: string;
  /** Keys below which numbers are kept as they were written (007, 1.20). */
  readonly verbatim?: readonly string[];
}

/** A file as plain data. */
export interface FileContent {
  readonly file: string;
  readonly places: Places;
  /** Null where it is no group of keys; then `problems` says why. */
  readonly value: object | null;
  /** What is wrong with it as YAML. */
  readonly problems: readonly Problem[];
}

/** The text of a configuration file, or why it cannot be had. */
export async function readText(file: string, kind: FileKind): Promise<{ readonly text: string; readonly bytes: Buffer } | Problem> {
  const bytes = await readBounded(file, kind);
  return 'severity' in bytes ? bytes : { text: textOf(bytes), bytes };
}

export function parseContent(text: string, file: string, kind: FileKind): FileContent {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', stringKeys: true });
  const places = new Places(document, lines);
  // Of what is not YAML only the first: the rest mostly follows from it.
  const broken = document.errors.find((error) => error.code !== 'DUPLICATE_KEY');
  if (broken) return { file, places, value: null, problems: [explainYaml(broken, places, file, text)] };
  const problems = document.errors.map((error) => explainYaml(error, places, file, text));
  const content = contentOf(document, kind);
  if ('value' in content) return { file, places, value: content.value, problems };
  const range = places.range(0, 0);
  return { file, places, value: null, problems: [...problems, { severity: 'error', code: 'bad-yaml', ...content, file, range }] };
}

type ToldContent = { readonly value: object } | { readonly message: string; readonly tip: string };

function contentOf(document: Document, { needs, verbatim = [] }: FileKind): ToldContent {
  try {
    const value = plainContent(document, verbatim) ?? null;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value };
    if (value === null && needs === undefined) return { value: {} };
    const message = value === null ? 'The file is empty.' : 'The file is no group of keys.';
    return { message, tip: needs ?? 'Write keys, each with its value: "listen: 4222".' };
  } catch {
    return { message: 'The file repeats anchored parts too often, or refers to one that is not there.', tip: 'Write the parts out.' };
  }
}

export type Decoded<T> =
  { readonly value: T; readonly problems: readonly [] } | { readonly value: null; readonly problems: readonly Problem[] };

/** What a schema makes of a file; null where anything is wrong with it. Problems come in the order of the file. */
export function decodeContent<Schema extends z.ZodType>(content: FileContent, schema: Schema): Decoded<z.output<Schema>> {
  if (content.value === null) return { value: null, problems: content.problems };
  const decoded = schema.safeParse(content.value, { reportInput: true });
  const issues = decoded.success ? [] : decoded.error.issues;
  const problems = [...content.problems, ...issues.flatMap((issue) => explainIssue(issue, content.places, content.file))];
  return decoded.success && problems.length === 0 ? { value: decoded.data, problems: [] } : { value: null, problems: inOrder(problems) };
}

/** Problems in the order of the file. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((left, right) => (left.range?.start.offset ?? 0) - (right.range?.start.offset ?? 0));
}

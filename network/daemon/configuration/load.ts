/** Reads `daemon.yaml` and tells every problem of it at once, each with its place in the file. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { Problem } from '#shared/problem.ts';
import { explainIssue, explainYaml } from '#platform/configuration/explain.ts';
import { Places, type Path } from '#platform/configuration/places.ts';
import { plainContent, readBounded, textOf } from '#platform/configuration/read-file.ts';
import { resolveConfiguration } from './resolve.ts';
import { daemonFileSchema } from './schema.ts';
import { checkSemantics } from './semantics.ts';
import type { DaemonConfiguration } from './types.ts';

export interface LoadedConfiguration {
  /** Null when a problem of severity `error` stands in `problems`. */
  readonly configuration: DaemonConfiguration | null;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
  /** SHA-256 of the file, hexadecimal; empty when it could not be read. */
  readonly hash: string;
}

const words = {
  what: 'The configuration',
  missingTip: 'Name the file that describes this daemon, mostly daemon.yaml.',
};

export async function loadDaemonConfiguration(path: string): Promise<LoadedConfiguration> {
  const file = resolve(path);
  const bytes = await readBounded(file, words);
  if ('severity' in bytes) return { configuration: null, problems: [bytes], hash: '' };
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { ...(await parseDaemonConfiguration(textOf(bytes), file)), hash };
}

/** The same for a text that is already in memory; `file` is where it stands or would stand. */
export async function parseDaemonConfiguration(text: string, file: string): Promise<Omit<LoadedConfiguration, 'hash'>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', stringKeys: true });
  const places = new Places(document, lines);
  // Of what is not YAML only the first: the rest mostly follows from it.
  const broken = document.errors.find((error) => error.code !== 'DUPLICATE_KEY');
  if (broken) return { configuration: null, problems: [explainYaml(broken, places, file, text)] };
  const problems: Problem[] = document.errors.map((error) => explainYaml(error, places, file, text));
  const content = contentOf(document, places, file);
  if ('problem' in content) return { configuration: null, problems: [...problems, content.problem] };
  const decoded = daemonFileSchema.safeParse(content.value, { reportInput: true });
  if (!decoded.success) {
    problems.push(...decoded.error.issues.flatMap((issue) => explainIssue(issue, places, file)));
    const rest = daemonFileSchema.safeParse(
      withoutFaulty(
        content.value,
        decoded.error.issues.map(({ path }) => path),
      ),
    );
    if (rest.success) problems.push(...(await checkSemantics(rest.data, file, places)).filter(({ range }) => range !== undefined));
    return { configuration: null, problems: inOrder(problems) };
  }
  problems.push(...(await checkSemantics(decoded.data, file, places)));
  const configuration = problems.some(({ severity }) => severity === 'error') ? null : resolveConfiguration(decoded.data, file);
  return { configuration, problems: inOrder(problems) };
}

/** The document as plain data. Numbers among arguments and variables are kept as they were written (007, 1.0). */
function contentOf(document: Document, places: Places, file: string): { readonly value: unknown } | { readonly problem: Problem } {
  try {
    const value = plainContent(document, ['command', 'environment']);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value };
    const message = value === null || value === undefined ? 'The file is empty.' : 'The file is no group of keys.';
    const tip = 'It needs at least daemon, environment and router.';
    return { problem: { severity: 'error', code: 'bad-yaml', message, tip, file, range: places.range(0, 0) } };
  } catch {
    const message = 'The file repeats anchored parts too often, or refers to one that is not there.';
    return { problem: { severity: 'error', code: 'bad-yaml', message, tip: 'Write the parts out.', file, range: places.range(0, 0) } };
  }
}

/** What is left when the entries with faults are taken out, so that problems of the other entries can be told in the same go. */
function withoutFaulty(value: unknown, paths: readonly Path[]): unknown {
  const rest = structuredClone(value) as Record<string, unknown>;
  for (const [first, second] of paths) {
    const key = String(first);
    const part = rest[key];
    if (key === 'actions' && isGroup(part) && typeof second === 'string') part[second] = { ...actionInDoubt(part[second]) };
    else if (key === 'components' && isGroup(part) && typeof second === 'string') delete part[second];
    else if (Array.isArray(part) && typeof second === 'number') part[second] = undefined;
    else delete rest[key];
  }
  for (const key of ['daemon', 'environment'] as const) rest[key] ??= 'Unknown';
  rest['router'] ??= 'nats://unknown';
  return Object.fromEntries(Object.entries(rest).filter(([, part]) => !(Array.isArray(part) && part.includes(undefined))));
}

/** Stands for a faulty action, so that what refers to it is not blamed. */
function actionInDoubt(action: unknown): Record<string, unknown> {
  return { command: ['true'], ...(isGroup(action) && 'background' in action ? { background: {} } : {}) };
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => (a.range?.start.offset ?? 0) - (b.range?.start.offset ?? 0));
}

/** Reads `daemon.yaml` and tells every problem of it at once, each with its place in the file. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Problem } from '#shared/problem.ts';
import { decodeContent, inOrder, parseContent, readText } from '#platform/configuration/configuration-file.ts';
import type { FileContent, FileKind } from '#platform/configuration/configuration-file.ts';
import type { Path } from '#platform/configuration/places.ts';
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

const kind: FileKind = {
  what: 'The configuration',
  missingTip: 'Name the file that describes this daemon, mostly daemon.yaml.',
  needs: 'It needs at least daemon, environment and router.',
  // Arguments and variables are kept as they were written.
  verbatim: ['command', 'environment'],
};

export async function loadDaemonConfiguration(path: string): Promise<LoadedConfiguration> {
  const file = resolve(path);
  const read = await readText(file, kind);
  if ('severity' in read) return { configuration: null, problems: [read], hash: '' };
  const hash = createHash('sha256').update(read.bytes).digest('hex');
  return { ...(await parseDaemonConfiguration(read.text, file)), hash };
}

/** The same for a text that is already in memory; `file` is where it stands or would stand. */
export async function parseDaemonConfiguration(text: string, file: string): Promise<Omit<LoadedConfiguration, 'hash'>> {
  const content = parseContent(text, file, kind);
  const { value, problems } = decodeContent(content, daemonFileSchema);
  if (value === null) {
    return { configuration: null, problems: inOrder([...problems, ...(await problemsOfTheRest(content))]) };
  }
  const found = await checkSemantics(value, file, content.places);
  const configuration = found.some(({ severity }) => severity === 'error') ? null : resolveConfiguration(value, file);
  return { configuration, problems: inOrder(found) };
}

/** What is wrong with the entries that the schema has nothing against. */
async function problemsOfTheRest({ value, file, places }: FileContent): Promise<readonly Problem[]> {
  if (value === null) return [];
  const { error } = daemonFileSchema.safeParse(value);
  const paths = error?.issues.map(({ path }) => path) ?? [];
  const rest = daemonFileSchema.safeParse(withoutFaulty(value, paths));
  if (!rest.success) return [];
  const found = await checkSemantics(rest.data, file, places);
  // Without a place: about an entry that was put in for a faulty one.
  return found.filter(({ range }) => range !== undefined);
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

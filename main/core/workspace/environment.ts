/** Reads `environment.yaml` and tells every problem of it at once, each with its place in the file. */
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isPair, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { explainIssue, explainYaml } from '#network/daemon/configuration/explain.ts';
import { Places } from '#network/daemon/configuration/places.ts';
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import { environmentFileSchema, type EnvironmentFile, type LimitOperator } from './environment-schema.ts';

export interface MetricLimit {
  /** `Component.metric` */
  readonly metric: string;
  /** What has to hold; `bound` is in the base unit (bytes, ms, %). */
  readonly condition: {
    readonly operator: LimitOperator;
    readonly bound: number;
    readonly unit: 'bytes' | 'ms' | '%' | 'none';
    readonly text: string;
  };
  readonly severity: 'warning' | 'error';
}

/** An environment as its file describes it; all paths are absolute. */
export interface Environment {
  readonly file: string;
  readonly name: EnvironmentName;
  readonly router: string;
  readonly operator: { readonly name: string; readonly keyFile: string };
  /** Files in PEM form; null: what the URL and the system say. */
  readonly tls: { readonly ca?: string; readonly certificate?: string; readonly key?: string } | null;
  /** The release candidate under test, or the action whose result tells it. Null: said when a run is started. */
  readonly release: { readonly kind: 'value'; readonly value: string } | { readonly kind: 'action'; readonly action: string } | null;
  /** Daemons that should be there. */
  readonly daemons: readonly DaemonName[];
  readonly pinFile: string;
  /** Command words by alias; arguments are appended. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  readonly limits: readonly MetricLimit[];
  readonly scenariosFolder: string;
  readonly pluginsFolder: string;
  readonly archiveFolder: string;
}

export interface LoadedEnvironment {
  /** Null when a problem of severity `error` stands in `problems`. */
  readonly environment: Environment | null;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
}

const maximumBytes = 1_000_000;

/** The user's own archive, where none is configured. */
export function defaultArchiveFolder(): string {
  return join(homedir(), '.testops', 'archive');
}

/** Loads an environment or throws its first problem as a {@link ProblemError} that says how many more there are. */
export async function loadEnvironment(path: string): Promise<Environment> {
  const { environment, problems } = await readEnvironment(path);
  if (environment) return environment;
  const [first, ...others] = problems.filter(({ severity }) => severity === 'error');
  if (!first) throw new ProblemError({ code: 'bad-environment', message: 'The environment file cannot be used.', file: path });
  const more = others.length === 0 ? '' : ` (${others.length} more ${others.length === 1 ? 'problem' : 'problems'} in this file)`;
  throw new ProblemError({ ...first, message: `${first.message}${more}` });
}

/** Reads an environment file and says all that is wrong with it; never rejects. */
export async function readEnvironment(path: string): Promise<LoadedEnvironment> {
  const file = resolve(path);
  const content = await readBounded(file);
  return typeof content === 'string' ? parseEnvironment(content, file) : { environment: null, problems: [content] };
}

/** The same for a text that is already in memory; `file` is where it stands or would stand. */
export function parseEnvironment(text: string, file: string): LoadedEnvironment {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', stringKeys: true });
  const places = new Places(document, lines);
  const problems = document.errors.map((error) => explainYaml(error, places, file, text));
  if (problems.length > 0) return { environment: null, problems };
  const content = contentOf(document);
  if (content === undefined) {
    const message = 'The file is not a group of keys that describes an environment.';
    const tip = 'It needs at least environment, router and operator.';
    return { environment: null, problems: [{ severity: 'error', code: 'bad-yaml', message, tip, file, range: places.range(0, 0) }] };
  }
  const decoded = environmentFileSchema.safeParse(content, { reportInput: true });
  if (decoded.success) return { environment: environmentOf(decoded.data, file), problems: [] };
  const found = decoded.error.issues.flatMap((issue) => explainIssue(issue, places, file));
  return {
    environment: null,
    problems: found.toSorted((left, right) => (left.range?.start.offset ?? 0) - (right.range?.start.offset ?? 0)),
  };
}

async function readBounded(file: string): Promise<string | Problem> {
  const problem = (code: string, message: string, tip: string): Problem => ({ severity: 'error', code, message, tip, file });
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    if (size > maximumBytes)
      return problem('too-long', `The file has ${size} bytes; ${maximumBytes} are allowed.`, 'Is this the right file?');
    return (await handle.readFile('utf8')).replace(/^\uFEFF/, '');
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? failure.code : undefined;
    if (code === 'ENOENT') {
      return problem(
        'missing-file',
        'The environment file is not there.',
        'Name the file that describes the environment, mostly environment.yaml.',
      );
    }
    const reason = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'this user may not' : 'the disk refused';
    return problem('unreadable-file', `The environment file cannot be read: ${reason}.`, 'Name a file that this user may read.');
  }
}

/** The document as plain data. Numbers in releases and aliases are kept as they were written (1.20, 007). */
function contentOf(document: Document): object | undefined {
  visit(document, {
    Scalar: (_, node, ancestors) => {
      const written = typeof node.value === 'number' && node.source !== undefined;
      const verbatim = ancestors.some(
        (each) => isPair(each) && isScalar(each.key) && ['release', 'aliases'].includes(String(each.key.value)),
      );
      if (written && verbatim) node.value = node.source;
    },
  });
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function environmentOf(content: EnvironmentFile, file: string): Environment {
  const at = (path: string): string => pathFrom(dirname(file), path);
  const { tls } = content;
  return {
    file,
    name: content.environment,
    router: content.router,
    operator: { name: content.operator.name, keyFile: at(content.operator.key) },
    tls: tls
      ? {
          ...(tls.ca !== undefined && { ca: at(tls.ca) }),
          ...(tls.certificate !== undefined && { certificate: at(tls.certificate) }),
          ...(tls.key !== undefined && { key: at(tls.key) }),
        }
      : null,
    release: content.release ?? null,
    daemons: [...new Set(content.daemons)],
    pinFile: at(content.pin ?? 'environment.pin.json'),
    aliases: content.aliases,
    limits: content.limits,
    scenariosFolder: at(content.scenarios ?? 'scenarios'),
    pluginsFolder: at(content.plugins ?? 'plugins'),
    archiveFolder: content.archive === undefined ? defaultArchiveFolder() : at(content.archive),
  };
}

/** Paths are relative to the file that names them; `~/` is the user's home. */
function pathFrom(folder: string, path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? path : resolve(folder, path);
}

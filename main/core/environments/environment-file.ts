/** Reads `environment.yaml` and tells every problem of it at once, each with its place in the file. */
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { explainIssue, explainYaml } from '#platform/configuration/explain.ts';
import { Places } from '#platform/configuration/places.ts';
import { plainContent, readBounded, textOf } from '#platform/configuration/read-file.ts';
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

const words = {
  what: 'The environment file',
  missingTip: 'Name the file that describes the environment, mostly environment.yaml.',
};

/** The user's own archive, where none is configured. */
export function defaultArchiveFolder(): string {
  return join(homedir(), '.testops', 'archive');
}

/** Loads an environment or throws its first problem as a {@link ProblemError}, with the others at it. */
export async function loadEnvironment(path: string): Promise<Environment> {
  const { environment, problems } = await readEnvironment(path);
  if (environment) return environment;
  const [first, ...others] = problems.filter(({ severity }) => severity === 'error');
  if (!first) throw new ProblemError({ code: 'bad-environment', message: 'The environment file cannot be used.', file: path });
  throw new ProblemError({ ...first, ...(others.length > 0 && { others }) });
}

/** Reads an environment file and says all that is wrong with it; never rejects. */
export async function readEnvironment(path: string): Promise<LoadedEnvironment> {
  const file = resolve(path);
  const bytes = await readBounded(file, words);
  return 'severity' in bytes ? { environment: null, problems: [bytes] } : parseEnvironment(textOf(bytes), file);
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

/** The document as plain data; releases and aliases as they were written. */
function contentOf(document: Document): object | undefined {
  try {
    const value = plainContent(document, ['release', 'aliases']);
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

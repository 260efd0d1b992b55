/** Reads `environment.yaml` and tells every problem of it at once, each with its place in the file. */
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { decodeContent, parseContent, readText, type FileKind } from '#platform/configuration/configuration-file.ts';
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import { environmentFileSchema, type EnvironmentFile, type LimitOperator } from './environment-schema.ts';
import type { QuantityUnit } from '#shared/scenario/quantity.ts';

export interface MetricLimit {
  /** `Component.metric` */
  readonly metric: string;
  /** What has to hold; `bound` is in the base unit (bytes, ms, %). */
  readonly condition: {
    readonly operator: LimitOperator;
    readonly bound: number;
    readonly unit: QuantityUnit;
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

const kind: FileKind = {
  what: 'The environment file',
  missingTip: 'Name the file that describes the environment, mostly environment.yaml.',
  needs: 'It needs at least environment, router and operator.',
  // Releases and aliases are kept as they were written.
  verbatim: ['release', 'aliases'],
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
  const read = await readText(file, kind);
  return 'severity' in read ? { environment: null, problems: [read] } : parseEnvironment(read.text, file);
}

/** The same for a text that is already in memory; `file` is where it stands or would stand. */
export function parseEnvironment(text: string, file: string): LoadedEnvironment {
  const { value, problems } = decodeContent(parseContent(text, file, kind), environmentFileSchema);
  return { environment: value && environmentOf(value, file), problems };
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

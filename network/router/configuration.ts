/** Reads `router.yaml`: where to listen, with which certificates, and who may connect. Problems name line and column. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { readTlsFiles } from '#platform/tls-files.ts';
import { explainIssue, explainYaml } from '#platform/configuration/explain.ts';
import { Places } from '#platform/configuration/places.ts';
import { problemOf } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import { routerFileSchema } from './configuration-schema.ts';
import type { RouterFile } from './configuration-schema.ts';
import { permissionsForAll } from './permissions.ts';
import type { ListenerTls, RouterOptions } from './router-options.ts';

/** Paths of certificates are absolute. */
export type RouterConfiguration = RouterFile;
type Certificates = NonNullable<RouterFile['tls']>;

export interface LoadedRouterConfiguration {
  readonly configuration: RouterConfiguration | null;
  readonly problems: readonly Problem[];
}

const maximumBytes = 1_000_000;

export async function loadRouterConfiguration(path: string): Promise<LoadedRouterConfiguration> {
  const file = resolve(path);
  try {
    const text = await readFile(file, 'utf8');
    if (text.length <= maximumBytes) return parseRouterConfiguration(text, file);
    return unusable(file, 'too-long', 'The file is too long for the configuration of a router.', 'Is this the right file?');
  } catch (failure) {
    const missing = failure instanceof Error && 'code' in failure && failure.code === 'ENOENT';
    return missing
      ? unusable(file, 'missing-file', 'The configuration is not there.', 'Name the file that describes the router, mostly router.yaml.')
      : unusable(file, 'unreadable-file', 'The configuration cannot be read.', 'Name a file that this user may read.');
  }
}

function unusable(file: string, code: string, message: string, tip: string): LoadedRouterConfiguration {
  return { configuration: null, problems: [{ severity: 'error', code, message, tip, file }] };
}

/** The same for a text in memory; `file` is where it stands or would stand. */
export function parseRouterConfiguration(text: string, file: string): LoadedRouterConfiguration {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const places = new Places(document, lines);
  if (document.errors.length > 0) {
    return { configuration: null, problems: document.errors.map((error) => explainYaml(error, places, file, text)) };
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (failure) {
    return unusable(
      file,
      'bad-yaml',
      `The file cannot be used: ${problemOf(failure).message.replace(/\.$/, '')}.`,
      'Write repeated parts out.',
    );
  }
  const decoded = routerFileSchema.safeParse(content ?? {}, { reportInput: true });
  if (!decoded.success) {
    const problems = decoded.error.issues.flatMap((issue) => explainIssue(innermost(issue), places, file));
    return { configuration: null, problems: problems.toSorted((a, b) => offsetOf(a) - offsetOf(b)) };
  }
  return { configuration: withAbsolutePaths(decoded.data, dirname(file)), problems: [] };
}

function offsetOf(problem: Problem): number {
  return problem.range?.start.offset ?? 0;
}

type Issue = Parameters<typeof explainIssue>[0];

/** Where several forms are allowed, what the first of them objects to is the most helpful. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length)[0];
  return inner ? innermost({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

function withAbsolutePaths(file: RouterFile, folder: string): RouterConfiguration {
  const absolute = (tls: Certificates): Certificates => ({
    ...tls,
    certificate: resolve(folder, tls.certificate),
    key: resolve(folder, tls.key),
    ...(tls.ca !== undefined && { ca: resolve(folder, tls.ca) }),
  });
  return {
    ...file,
    ...(file.tls && { tls: absolute(file.tls) }),
    ...(file.websocket && { websocket: { ...file.websocket, ...(file.websocket.tls && { tls: absolute(file.websocket.tls) }) } }),
  };
}

async function listenerTls(tls: Certificates | undefined): Promise<ListenerTls | undefined> {
  return tls && { ...(await readTlsFiles(tls)), mutual: tls.mutual };
}

/** What {@link startRouter} needs for a configuration; reads the certificates. */
export async function routerOptions(configuration: RouterConfiguration): Promise<RouterOptions> {
  const { listen, tls, websocket, limits, users } = configuration;
  return {
    host: listen.host,
    port: listen.port,
    tls: await listenerTls(tls),
    ...(websocket && {
      webSocket: { ...websocket.listen, tls: await listenerTls(websocket.tls), ...(websocket.origins && { origins: websocket.origins }) },
    }),
    ...limits,
    users: users?.map(({ name, key, role, environment }) => ({
      name,
      key,
      permissions: permissionsForAll(role, environment, name),
      single: role === 'daemon',
    })),
  };
}

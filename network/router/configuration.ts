/** Reads `router.yaml`: where to listen, with which certificates, and who may connect. Problems name line and column. */
import { dirname, resolve } from 'node:path';
import { decodeContent, parseContent, readText, type FileKind } from '#platform/configuration/configuration-file.ts';
import { readTlsFiles } from '#platform/tls-files.ts';
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

const kind: FileKind = {
  what: 'The configuration',
  missingTip: 'Name the file that describes the router, mostly router.yaml.',
};

export async function loadRouterConfiguration(path: string): Promise<LoadedRouterConfiguration> {
  const file = resolve(path);
  const read = await readText(file, kind);
  return 'severity' in read ? { configuration: null, problems: [read] } : parseRouterConfiguration(read.text, file);
}

/** The same for a text in memory; `file` is where it stands or would stand. */
export function parseRouterConfiguration(text: string, file: string): LoadedRouterConfiguration {
  const { value, problems } = decodeContent(parseContent(text, file, kind), routerFileSchema);
  return { configuration: value && withAbsolutePaths(value, dirname(file)), problems };
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
    ...(file.jetstream && { jetstream: { ...file.jetstream, folder: resolve(folder, file.jetstream.folder) } }),
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

/** A web host over a small core, with a renderer folder of its own, and the doors into it that a browser has. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { doorInProcess } from '#main/core-process/core-door.ts';
import type { OpenCore } from '#main/core/core.ts';
import { emptyStart } from '#main/web/console-start.ts';
import { startWebHost, type WebHost, type WebHostOptions } from '#main/web/web-host.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { Ownership } from '#shared/disposable.ts';

/** A core that knows no runs; `operators` lists for whom it was opened. */
export function smallCore(core: Partial<Core> = {}): OpenCore & { readonly operators: string[] } {
  const operators: string[] = [];
  const open = {
    request: () => Promise.resolve({ runs: [] }),
    listen: () => ({ ended: Promise.resolve(), close: () => undefined }),
    ...core,
    operators,
    forOperator: (operator: string) => (operators.push(operator), open),
    dispose: () => Promise.resolve(),
  };
  return open as unknown as OpenCore & { readonly operators: string[] };
}

export async function rendererSample(ownership: Ownership): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'testops-renderer-'));
  ownership.own(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.json'), '{"secret":true}');
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'dist', 'assets', 'index-a1b2c3d4.js'), `export const text = '${'x'.repeat(4_000)}';`);
  await writeFile(join(folder, 'dist', 'notes.txt'), 'not part of the page');
  return join(folder, 'dist');
}

export async function openHost(
  ownership: Ownership,
  options: Partial<WebHostOptions> & { readonly served?: OpenCore } = {},
): Promise<WebHost> {
  const { served = smallCore(), ...rest } = options;
  return ownership.own(
    await startWebHost({ core: doorInProcess(served), renderer: await rendererSample(ownership), start: emptyStart, ...rest }),
  );
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request whose path and headers go out exactly as they are given. */
export function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET', body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

/** Uses the link of a host; returns the cookie. */
export async function enter(host: WebHost, link = host.url): Promise<string> {
  const { search } = new URL(link);
  const { headers } = await get(host.port, `/${search}`);
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** Opens the contract's WebSocket; rejects with the status that refused it. */
export function openSocket(
  port: number,
  headers: Record<string, string>,
  path = '/contract',
  protocols: string[] = [],
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (_, response) => {
      reject(new Error(`refused with ${response.statusCode}`));
      socket.terminate();
    });
    socket.on('error', reject);
  });
}

/** The next message of a socket. */
export function nextMessage(socket: WebSocket): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())));
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
  });
}

/** The code with which a socket closes. */
export function closing(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.once('close', resolve);
  });
}

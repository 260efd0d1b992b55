/**
 * Fetches a text of bounded size in bounded time. By Node's plain HTTP client: `fetch` would cost the daemon 15 MB of memory.
 */
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ProblemError } from '#shared/problem.ts';

/** bytes, unpacked */
export const maximumBytes = 8_000_000;

const headers = {
  accept: 'application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.6,*/*;q=0.1',
  'accept-encoding': 'gzip',
  'user-agent': 'testops-daemon',
};

/** Throws a ProblemError that says why there is no answer. `timeout` in ms holds for the whole answer. */
export async function fetchText(url: string, timeout: number, cancelled: AbortSignal): Promise<string> {
  const late = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([late, cancelled]);
  try {
    const response = await request(url, signal);
    try {
      refuseBadStatus(response.statusCode ?? 0);
      return await readBounded(response);
    } finally {
      response.destroy();
    }
  } catch (failure) {
    if (failure instanceof ProblemError) throw failure;
    if (late.aborted) throw refusal(`it did not answer within ${timeout} ms`, 'Give it a longer timeout, or look why it is slow.');
    throw refusal(reasonOf(failure), 'Look whether the exporter runs and the url is right.');
  }
}

function request(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = new URL(url).protocol === 'https:' ? getSecure : getPlain;
    get(url, { signal, headers, agent: false }, resolve).on('error', reject);
  });
}

function refuseBadStatus(status: number): void {
  // A target that sends us elsewhere is not the target that was configured.
  if (status >= 300 && status < 400) throw refusal('it redirects elsewhere', 'Write the address it redirects to as url.');
  if (status < 200 || status >= 300) throw refusal(`it answered ${status}`, 'Look whether the url is right and needs no password.');
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of unpacked(response) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maximumBytes) throw refusal(`its answer is longer than ${maximumBytes} bytes`, 'Let the exporter expose less.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function unpacked(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return response;
  if (encoding !== 'gzip') throw refusal(`it answers in the encoding ${encoding.slice(0, 40)}`, 'Let it answer plainly or with gzip.');
  const unpacking = createGunzip();
  response.on('error', (failure) => unpacking.destroy(failure));
  response.on('aborted', () => unpacking.destroy(new Error('it broke the connection')));
  return response.pipe(unpacking);
}

function refusal(reason: string, tip: string): ProblemError {
  return new ProblemError({ code: 'scrape-failed', message: reason, tip });
}

function reasonOf(failure: unknown): string {
  const code = typeof failure === 'object' && failure !== null && 'code' in failure ? String(failure.code) : '';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host is not known';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'it broke the connection';
  if (code.startsWith('HPE_')) return 'it does not speak HTTP';
  if (code.startsWith('Z_')) return 'its packed answer is damaged';
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL/.test(code)) return `its certificate is not trusted (${code})`;
  return failure instanceof Error ? failure.message : 'it cannot be reached';
}

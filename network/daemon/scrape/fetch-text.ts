/** Fetches a text of bounded size in bounded time. */
import { ProblemError } from '#shared/problem.ts';

/** bytes, uncompressed */
export const maximumBytes = 8_000_000;

const accept = 'application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.6,*/*;q=0.1';

/** Throws a ProblemError that says why there is no answer. */
export async function fetchText(url: string, timeout: number, cancelled: AbortSignal): Promise<string> {
  const late = AbortSignal.timeout(timeout);
  try {
    // A target that sends us elsewhere is not the target that was configured.
    const response = await fetch(url, { signal: AbortSignal.any([late, cancelled]), redirect: 'manual', headers: { accept } });
    if (response.status >= 300 && response.status < 400)
      throw refusal('it redirects elsewhere', 'Write the address it redirects to as url.', response);
    if (!response.ok) throw refusal(`it answered ${response.status}`, 'Look whether the url is right and needs no password.', response);
    return await readBounded(response);
  } catch (failure) {
    if (failure instanceof ProblemError) throw failure;
    if (late.aborted) throw refusal(`it did not answer within ${timeout} ms`, 'Give it a longer timeout, or look why it is slow.');
    throw refusal(reasonOf(failure), 'Look whether the exporter runs and the url is right.');
  }
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > maximumBytes) throw refusal(`its answer is longer than ${maximumBytes} bytes`, 'Let the exporter expose less.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function refusal(reason: string, tip: string, response?: Response): ProblemError {
  // Not reading the body would keep the connection.
  void response?.body?.cancel().catch(() => undefined);
  return new ProblemError({ code: 'scrape-failed', message: reason, tip });
}

function reasonOf(failure: unknown): string {
  const cause = failure instanceof Error ? (failure.cause ?? failure) : failure;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host is not known';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'it broke the connection';
  return cause instanceof Error ? cause.message : 'it cannot be reached';
}

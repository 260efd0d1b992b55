/** Debian's Prometheus on a free port of this machine, and questions to it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort } from '#platform/free-port.ts';

/** Why tests with Prometheus are left out on this machine; null: they are not. In continuous integration they are never. */
export function prometheusMissing(): string | null {
  const places = (process.env['PATH'] ?? '').split(':');
  const missing = ['prometheus', 'promtool'].filter((name) => !places.some((place) => existsSync(join(place, name))));
  return missing.length > 0 && process.env['CI'] !== 'true' ? `for want of ${missing.join(', ')} (Debian package prometheus)` : null;
}

export interface Answer {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the value as text. */
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

export interface PrometheusServer {
  /** An instant query; `time` in seconds since 1970. */
  query(expression: string, time?: number): Promise<readonly Answer[]>;
  /** Names of all metrics that it knows. */
  names(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export interface PrometheusOptions {
  readonly folder: string;
  /** `host:port` to scrape, and the file with the token; null: nothing is scraped. */
  readonly scrape: { readonly target: string; readonly tokenFile: string | null } | null;
  /** Where its blocks are. */
  readonly data: string;
}

export async function startPrometheus({ folder, scrape, data }: PrometheusOptions): Promise<PrometheusServer> {
  const config = join(folder, 'prometheus.yml');
  const authorization = scrape?.tokenFile === null ? '' : `\n    authorization: { credentials_file: '${scrape?.tokenFile}' }`;
  const job = scrape
    ? `\nscrape_configs:\n  - job_name: testops${authorization}\n    static_configs: [{ targets: ['${scrape.target}'] }]\n`
    : '\n';
  await writeFile(config, `global: { scrape_interval: 1s, scrape_timeout: 1s }${job}`);
  const port = await freePort();
  const words = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn('prometheus', [...words, '--storage.tsdb.retention.time=100y', '--log.level=warn'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const ask = async (path: string, parameters: Record<string, string> = {}): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.error}`);
    return answer.data;
  };
  const ready = async (): Promise<void> => {
    const { status } = await fetch(`http://127.0.0.1:${port}/-/ready`);
    if (status !== 200) throw new Error(`Prometheus is not ready: ${errors}`);
  };
  await vi.waitFor(ready, { timeout: 20_000, interval: 100 });
  return {
    query: async (expression, time) => {
      const data = await ask('query', { query: expression, ...(time !== undefined && { time: String(time) }) });
      return (data as { result: Answer[] }).result;
    },
    names: async () => (await ask('label/__name__/values')) as string[],
    dispose: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The switch `--metrics`: what the core tells to monitoring systems, on an address of its own. */
import { resolve } from 'node:path';
import type { CoreDoor } from '#main/core-process/core-door.ts';
import { isLoopback } from '#main/web/remote-host.ts';
import { startMetricsHost } from '#main/web/metrics-host.ts';
import { readTokenFile } from '#main/web/token-file.ts';
import type { Ownership } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import type { Terminal } from './terminal.ts';

export interface MetricsOptions {
  /** `[address:]port` */
  readonly metrics?: string;
  readonly metricsTokenFile?: string;
  readonly metricsEnvironment?: readonly string[];
}

export interface MetricsParts {
  readonly core: CoreDoor;
  readonly terminal: Terminal;
  readonly ownership: Ownership;
  /** Environment files, besides those that the options name. */
  readonly environmentFiles?: readonly string[];
  /** Used wherever the address is not loopback. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Serves `/metrics` if the options ask for it. */
export async function serveMetrics(options: MetricsOptions, { core, terminal, ownership, environmentFiles = [], tls }: MetricsParts) {
  const { metrics, metricsTokenFile, metricsEnvironment = [] } = options;
  if (metrics === undefined) {
    if (metricsTokenFile === undefined && metricsEnvironment.length === 0) return;
    throw new ProblemError({
      code: 'no-metrics',
      message: 'Metrics are not served without --metrics.',
      tip: 'Add, for example: --metrics 9464.',
    });
  }
  const address = metricsAddress(metrics);
  const tokens = metricsTokenFile === undefined ? undefined : await readTokenFile(resolve(metricsTokenFile));
  const files = [...environmentFiles, ...metricsEnvironment.map((file) => resolve(file))];
  const host = ownership.own(
    await startMetricsHost({
      core,
      ...address,
      environmentFiles: [...new Set(files)],
      ...(tokens && { tokens }),
      ...(tls && !isLoopback(address.host) && { tls }),
    }),
  );
  terminal.line(`Metrics for Prometheus: ${host.url}`);
}

/** `9464`, `127.0.0.1:9464`, `[::1]:9464`. */
export function metricsAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw new ProblemError({
      code: 'bad-address',
      message: `${text} is not an address for the metrics.`,
      tip: 'Write a port, or address:port, such as 9464 or 127.0.0.1:9464.',
    });
  }
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}

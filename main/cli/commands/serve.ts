/** `testops serve`: a core without a window, for consoles on other machines, until Ctrl-C. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readTokenFile } from '#main/web/token-file.ts';
import { RendererFiles } from '#main/web/renderer-files.ts';
import { startRemoteHost } from '#main/web/remote-host.ts';
import { Ownership } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import { servedOf, toldAs } from '../served-options.ts';
import { endOfSignals } from '../end-of-signals.ts';
import { serveMetrics, type MetricsOptions } from '../metrics-switch.ts';
import { rendererFolder } from '../renderer-folder.ts';
import { startCoreProcess } from '../start-core-process.ts';
import { Terminal } from '../terminal.ts';

export interface ServeCommandOptions extends MetricsOptions {
  /** `host:port` */
  readonly listen: string;
  /** Certificate and key. */
  readonly tls?: readonly string[];
  readonly tokenFile: string;
  /** `[name=]folder` and `[name=]file`: what consoles may use. */
  readonly workspace?: readonly string[];
  readonly environment?: readonly string[];
  readonly archive: string | undefined;
}

export async function serve(options: ServeCommandOptions): Promise<void> {
  const terminal = new Terminal();
  const address = addressOf(options.listen);
  const tokens = await readTokenFile(resolve(options.tokenFile));
  const tls = await tlsOf(options.tls);
  const served = await servedOf(options.workspace ?? [], options.environment ?? []);
  const ownership = new Ownership();
  const ended = endOfSignals(ownership);
  try {
    const core = ownership.own(await startCoreProcess(options.archive, terminal, served));
    const onConsole = (operator: string, connected: boolean): void =>
      terminal.line(`${new Date().toISOString()} ${operator} ${connected ? 'connected' : 'disconnected'}`);
    const renderer = async (): Promise<RendererFiles> => RendererFiles.open(await rendererFolder());
    const host = ownership.own(await startRemoteHost({ core, ...address, tokens, ...(tls && { tls }), renderer, onConsole }));
    terminal.line(`The core is served on ${host.url}`);
    for (const line of toldAs(served)) terminal.line(line);
    await serveMetrics(options, { core, terminal, ownership, ...(tls && { tls }) });
    terminal.line(terminal.colours.dim('Consoles connect with: testops console --connect <address> --token-file <file>. Ctrl-C ends it.'));
    await ended;
  } finally {
    await ownership.dispose();
  }
}

function addressOf(text: string): { host: string; port: number } {
  const url = URL.parse(`tcp://${text}`);
  if (!url?.hostname || !/:\d+$/.test(text)) {
    throw new ProblemError({
      code: 'bad-address',
      message: `${text} is not an address to listen on.`,
      tip: 'Write it as host:port, such as 127.0.0.1:7400.',
    });
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(/:(\d+)$/.exec(text)?.[1]) };
}

async function tlsOf(files: readonly string[] | undefined): Promise<{ certificate: string; key: string } | undefined> {
  if (!files) return undefined;
  const [certificate, key] = files;
  if (certificate === undefined || key === undefined || files.length !== 2) {
    throw new ProblemError({ code: 'bad-certificate', message: '--tls takes two files.', tip: 'Write: --tls certificate.pem key.pem.' });
  }
  return { certificate: await readText(certificate), key: await readText(key) };
}

/** A small text file that the command line names. */
export async function readText(file: string): Promise<string> {
  return readFile(resolve(file), 'utf8').catch((failure: NodeJS.ErrnoException) => {
    throw new ProblemError({
      code: 'cannot-read',
      file,
      message: `This file cannot be read (${failure.code ?? failure.message}).`,
      tip: 'Name one that exists and that you may read.',
    });
  });
}

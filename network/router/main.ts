/** The router as a program: `testops router --config router.yaml`, or without users for this machine only: `--listen 4222`. */
import { parseArgs } from 'node:util';
import { formatProblem, problemOf, ProblemError } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import { parseListenAddress } from './configuration-schema.ts';
import { loadRouterConfiguration, routerOptions } from './configuration.ts';
import type { RouterConfiguration } from './configuration.ts';
import { natsServerConfiguration } from './nats-server-configuration.ts';
import type { RouterOptions } from './router-options.ts';
import { startRouter } from './router.ts';
import type { Router } from './router.ts';

/** Where the program writes lines for people; stdout and stderr unless told. */
export interface RouterOutput {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

const usage = `Usage: testops router [--config router.yaml] [--check | --nats-server]
       testops router --listen [host:]port [--websocket [host:]port]

  --config <file>       the router's configuration: where it listens, certificates, users
  --listen <address>    without a configuration: an open router on a loopback address (127.0.0.1:4222 unless told)
  --websocket <address> without a configuration: listens for WebSockets too
  --check               tells every problem of the configuration and ends: 0 when it is sound, 2 when it is not
  --nats-server         prints the configuration of a nats-server that does the same, and ends
  --help                prints this`;

const terminal: RouterOutput = {
  out: (line) => void process.stdout.write(`${line}\n`),
  error: (line) => void process.stderr.write(`${line}\n`),
};

interface Arguments {
  readonly config?: string | undefined;
  readonly listen?: string | undefined;
  readonly websocket?: string | undefined;
  readonly check: boolean;
  readonly 'nats-server': boolean;
  readonly help: boolean;
}

const wrongUsage = (message: string): ProblemError => new ProblemError({ code: 'usage', message, tip: 'See --help.' });

function readArguments(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string', short: 'c' },
        listen: { type: 'string', short: 'l' },
        websocket: { type: 'string' },
        check: { type: 'boolean', default: false },
        'nats-server': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (failure) {
    throw wrongUsage(`${(problemOf(failure).message.split('. ')[0] ?? '').replace(/\.$/, '')}.`);
  }
}

function openRouterOptions(chosen: Arguments): RouterOptions {
  const address = (text: string) => {
    const parsed = parseListenAddress(text);
    if (!parsed) throw wrongUsage(`"${text}" is not an address to listen on, such as 127.0.0.1:4222.`);
    return parsed;
  };
  return {
    ...address(chosen.listen ?? '127.0.0.1:4222'),
    ...(chosen.websocket === undefined ? {} : { webSocket: address(chosen.websocket) }),
  };
}

async function readConfiguration(path: string): Promise<RouterConfiguration | readonly Problem[]> {
  const { configuration, problems } = await loadRouterConfiguration(path);
  return configuration ?? problems;
}

/** Runs a router until it is asked to end (SIGINT, SIGTERM, SIGHUP); resolves with its exit status. */
export async function runRouter(args: readonly string[], output: RouterOutput = terminal): Promise<number> {
  try {
    const chosen = readArguments(args);
    if (chosen.help) {
      output.out(usage);
      return 0;
    }
    if (chosen.config === undefined) {
      if (chosen.check || chosen['nats-server']) throw wrongUsage('--check and --nats-server need --config.');
      return await serve(openRouterOptions(chosen), output);
    }
    if (chosen.listen !== undefined || chosen.websocket !== undefined) throw wrongUsage('--config and addresses exclude each other.');
    return await runConfigured(chosen.config, chosen, output);
  } catch (failure) {
    output.error(formatProblem(problemOf(failure)));
    return 2;
  }
}

async function runConfigured(path: string, chosen: Arguments, output: RouterOutput): Promise<number> {
  const configuration = await readConfiguration(path);
  if (!('listen' in configuration)) {
    for (const problem of configuration) output.error(formatProblem(problem));
    return 2;
  }
  if (chosen['nats-server']) {
    output.out(natsServerConfiguration(configuration).trimEnd());
    return 0;
  }
  if (configuration.jetstream) output.error('"jetstream" counts for a nats-server only: this router keeps nothing.');
  const options = await routerOptions(configuration);
  if (!chosen.check) return serve(options, output);
  output.out(`${path} is sound.`);
  return 0;
}

async function serve(options: RouterOptions, output: RouterOutput): Promise<number> {
  const router = await startRouter({ ...options, logger: { information: output.out, warning: output.error } });
  tellWhere(router, output);
  await askedToEnd();
  await router.close();
  return 0;
}

function tellWhere(router: Router, output: RouterOutput): void {
  const also = router.webSocketUrl === undefined ? '' : ` and ${router.webSocketUrl}`;
  output.out(`Router listening on ${router.url}${also}`);
}

function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const end = (): void => {
      for (const signal of signals) process.off(signal, end);
      resolve();
    };
    for (const signal of signals) process.on(signal, end);
  });
}

/** Environments as their files describe them: the file, the router, the plugins and the pinned catalogue put together. */
import { dirname, resolve, sep } from 'node:path';
import type { EnvironmentDescription, EnvironmentSource, OpenEnvironment, RouterAccess } from './access.ts';
import type { Limit } from '../engine/limit-watch.ts';
import type { CommandResolver } from '../engine/surroundings.ts';
import { openLink, type LinkOptions } from '../link/link.ts';
import { offersOf, resolveCommand, type CommandSurroundings } from '../link/resolution.ts';
import { scenarioCatalogue } from '../link/scenario-catalogue.ts';
import { openPlugins } from '../plugins/open-plugins.ts';
import type { Link, PluginHost } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { loadEnvironment, type Environment, type MetricLimit } from './environment-file.ts';
import { FileChange } from './file-change.ts';
import type { WorkspaceTrust } from '../workspace/trust.ts';
import { catalogueFromPin, driftFrom, pinOf, readPin, writePin } from './pin.ts';
import { demoFolder } from '#main/demo/demo-place.ts';
import { connectToRouter } from '#network/bus/connect.ts';
import { readKeyFile, signerFromSeed } from '#platform/keys.ts';
import { readTlsFiles } from '#platform/tls-files.ts';
import { Ownership } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import { compareValues, isUndecidable, type Side } from '#shared/scenario/comparison.ts';

/** Opens environments from their files, with real connections; only of folders that are trusted. */
export function fileEnvironments(clock: Clock, trust: WorkspaceTrust, home: string): EnvironmentSource {
  return {
    admit: (file) => trust.assertFile(file),
    describe: async (file) => describe(await loadEnvironment(file)),
    open: (file) => openEnvironment(file, clock, trust, isOfDemo(file, home)),
    offlineCatalogue: async (file) => {
      const environment = await loadEnvironment(file);
      await trust.assertFile(file);
      return offline(environment, clock);
    },
  };
}

function describe(environment: Environment): EnvironmentDescription {
  const { release } = environment;
  return {
    name: environment.name,
    router: environment.router,
    operator: environment.operator.name,
    folder: dirname(environment.file),
    scenarioFolder: environment.scenariosFolder,
    expected: environment.daemons,
    limits: environment.limits.map(limitOf),
    release: release?.kind === 'action' ? { kind: 'command', words: [release.action] } : release,
  };
}

function limitOf({ metric, condition, severity }: MetricLimit): Limit {
  const { operator, text } = condition;
  const limit: Side = { value: text.slice(operator.length).trim(), name: null, doubt: null };
  return {
    reading: metric,
    text: `${metric} ${text}`,
    severity,
    kept: (value) => {
      const truth = compareValues({ value, name: metric, doubt: null }, operator, limit);
      if (isUndecidable(truth)) return truth;
      return truth === null ? null : truth === true;
    },
  };
}

/** Whether an environment was brought up by the demo, which brings up its daemons too. */
function isOfDemo(file: string, home: string): boolean {
  return resolve(file).startsWith(demoFolder(home) + sep);
}

const demoAfresh =
  'Bring the demo up afresh: with Ctrl+Alt+R in the console that brought it up; where testops demo --stay did, end that and start it again.';

async function openEnvironment(file: string, clock: Clock, trust: WorkspaceTrust, ofDemo: boolean): Promise<OpenEnvironment> {
  const environment = await loadEnvironment(file);
  await trust.assertFile(file);
  const change = await FileChange.since(environment.file);
  const ownership = new Ownership();
  try {
    const plugins = await openPlugins(environment.pluginsFolder, { clock });
    ownership.own(plugins);
    const { link, router } = await connect(environment, clock, ofDemo ? { howToStart: demoAfresh } : {});
    ownership.own(link);
    const surroundings = (): CommandSurroundings => surroundingsOf(environment, link, plugins);
    return {
      description: describe(environment),
      link,
      plugins,
      catalogue: () => scenarioCatalogue(surroundings()),
      resolve: (words) => resolveIn(surroundings(), words),
      drift: async () => {
        const pin = await readPin(environment.pinFile);
        return pin && [...driftFrom(pin, link)];
      },
      pin: async () => {
        await writePin(environment.pinFile, pinOf(environment.name, link));
        return environment.pinFile;
      },
      fileChanged: () => change.happened(),
      router,
      dispose: () => ownership.dispose(),
    };
  } catch (failure) {
    await ownership.dispose();
    throw failure;
  }
}

async function connect(
  environment: Environment,
  clock: Clock,
  words: Pick<LinkOptions, 'howToStart'>,
): Promise<{ readonly link: Link; readonly router: RouterAccess }> {
  const { name, router, operator, tls, daemons } = environment;
  const seed = await readKeyFile(operator.keyFile);
  const connection = await connectToRouter({
    url: router,
    name: `console of ${operator.name}`,
    seed,
    user: operator.name,
    ...(tls && { tls: await readTlsFiles(tls) }),
  });
  try {
    const signer = signerFromSeed(seed);
    const link = await openLink({
      environment: name,
      connection,
      operator: { name: operator.name, signer },
      expected: daemons,
      clock,
      ...words,
    });
    return { link, router: { connection, signer } };
  } catch (failure) {
    await connection.close();
    throw failure;
  }
}

function surroundingsOf(environment: Environment, link: Link, plugins: PluginHost): CommandSurroundings {
  const offers = offersOf(link);
  const absent = environment.daemons.filter((daemon) => !offers.some((offer) => offer.daemon === daemon));
  return { offers, plugins: plugins.commands, aliases: environment.aliases, absent };
}

function resolveIn(surroundings: CommandSurroundings, words: readonly string[]): ReturnType<CommandResolver> {
  const resolved = resolveCommand(words, surroundings);
  switch (resolved.kind) {
    case 'component':
    case 'action':
      return { kind: 'daemon', daemon: resolved.daemon, action: resolved.action, arguments: resolved.arguments };
    case 'plugin':
      return { kind: 'plugin', command: resolved.name, arguments: resolved.arguments };
    case 'problem':
      throw new ProblemError(resolved.problem);
  }
}

/** What may be named without a connection; the plugins are asked once and closed. */
async function offline(environment: Environment, clock: Clock): ReturnType<EnvironmentSource['offlineCatalogue']> {
  const pin = await readPin(environment.pinFile);
  if (!pin) return null;
  const plugins = await openPlugins(environment.pluginsFolder, { clock });
  await plugins.dispose();
  const around = { plugins: plugins.commands, aliases: environment.aliases };
  const resolve: CommandResolver = (words) => resolveIn({ offers: pin.daemons, ...around }, words);
  return { catalogue: catalogueFromPin(pin, around), resolve, problems: plugins.problems };
}

#!/usr/bin/env node
/**
 * The `testops` command. This file only says what there is; each command's work is loaded when it is called, so that
 * help comes at once.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { addCampaignCommands } from './campaign-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { outliveReaders } from './output-end.ts';
import { softwareVersion } from './version.ts';
import { addWorkspaceCommands } from './workspace-commands.ts';
import { causes, reportFormats } from '#shared/run/run-words.ts';
import { failurePolicies, runOutcomes } from '#shared/scenario/machine-words.ts';

const program = new Command('testops');

function nameAndValue(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as name=value.');
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text.slice(0, at)))
    throw new InvalidArgumentError('A name starts with a letter and holds only letters, digits and _.');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

function severalTexts(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

/** What a release may be called, so that it fits into the record of a run. */
function releaseName(text: string): string {
  if (text === '' || text.length > 128) throw new InvalidArgumentError('It has 1 to 128 characters.');
  return text;
}

/** What commander says of a wrong command line, as one line. */
function oneSentence(text: string): string {
  const said = text
    .replace(/^error: /, '')
    .split('\n')
    .map((line) => line.trim().replace(/^\((.*)\)$/, '$1'))
    .filter((line) => line !== '');
  const [first = '', ...rest] = said;
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}`;
  return `error ${[/[.?]$/.test(sentence) ? sentence : `${sentence}.`, ...rest].join(' ')} testops --help lists the commands.\n`;
}

function oneOf(...allowed: readonly string[]): (text: string) => string {
  return (text) => {
    if (!allowed.includes(text)) throw new InvalidArgumentError(`Choose one of: ${allowed.join(', ')}.`);
    return text;
  };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number < 1) throw new InvalidArgumentError('Write a whole number from 1 on.');
  return number;
}

function stepNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Steps are numbered from 0 on.');
  return Number(text);
}

function replaySpeed(text: string): number {
  const speed = text === 'max' ? Infinity : Number(text);
  if (!(speed >= 0.1 && (speed <= 100 || speed === Infinity))) throw new InvalidArgumentError('Write a number from 0.1 to 100, or max.');
  return speed;
}

function numberToKeep(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 10_000) throw new InvalidArgumentError('Give a whole number from 0 to 10000.');
  return number;
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || days > 36_500) throw new InvalidArgumentError('Give a number of days from 0 to 36500.');
  return days;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

program
  .description('Operates a test environment: runs scenarios, watches, archives and compares.')
  .version(softwareVersion)
  .option('--archive <folder>', 'folder of the archived runs (default: TESTOPS_ARCHIVE or ~/.testops/archive)')
  .configureOutput({ outputError: (text, write) => write(oneSentence(text)) })
  .configureHelp({ sortSubcommands: false })
  .enablePositionalOptions()
  .exitOverride();

/** For whoever cannot be asked: pipelines above all. */
const trust = ['--trust', 'trust the folders of scenario and environment from now on (see testops workspace)'] as const;
const archive = (): string | undefined => program.opts<{ archive?: string }>().archive;

program
  .command('demo')
  .description('bring up the demo exchange, run its failover scenario, archive the run, take everything down')
  .option('--release <name>', 'release candidate to run: rc1, rc2 or rc3 (default: rc1)')
  .option('--scenario <name>', 'scenario of its workspace (default: failover)')
  .option('--example <name>', 'an example from resources/examples instead, such as redis-sentinel')
  .option('--stay', 'keep the environment up until Ctrl-C, to try other commands against it')
  .option('--reset-workspace', 'begin with its workspace as it came; the one that was is set aside')
  .option('--json', 'print the records of the run, one JSON object per line')
  .action(async (options) => (await import('./commands/demo.ts')).demo({ ...options, archive: archive() }));

program
  .command('console')
  .description('open the console in the browser')
  .argument('[path]', 'folder, scenario, environment file or .testops-run file to open')
  .option('--workspace <folder>', 'workspace to open')
  .option('-e, --environment <file>', 'environment file to open')
  .option('--demo', 'bring up the demo exchange and open it')
  .option('--port <number>', 'port on 127.0.0.1 (default: a free one)', portNumber)
  .option('--no-open', 'only print the link')
  .option('--connect <address>', 'use the core that another machine serves: wss://host:port')
  .option('--token-file <file>', 'the token with which that core lets you in')
  .option('--authority <file>', 'certificate of the authority that signed its certificate')
  .option('--metrics <[address:]port>', 'serve /metrics for Prometheus (on this machine unless an address is given)')
  .option('--metrics-token-file <file>', 'a line with a name and a token for whoever scrapes; wanted unless the address is loopback')
  .option('--metrics-environment <files...>', 'environment files whose metrics are always served')
  .action(async (path, options) => {
    await (await import('./commands/console.ts')).console({ ...options, ...(path !== undefined && { path }), archive: archive() });
  });

program
  .command('serve')
  .description('serve a core without a window, for consoles on other machines')
  .requiredOption('--listen <host:port>', 'address to listen on')
  .option('--tls <files...>', 'certificate and key (PEM); wanted unless the address is loopback')
  .requiredOption('--token-file <file>', 'a line for each operator: name and token; readable by you alone')
  .option('--workspace <[name=]folder...>', 'workspaces that consoles may use; nothing else of this machine is reached')
  .option('--environment <[name=]file...>', 'environment files that consoles may use')
  .option('--metrics <[address:]port>', 'serve /metrics for Prometheus (on this machine unless an address is given)')
  .option('--metrics-token-file <file>', 'a line with a name and a token for whoever scrapes; wanted unless the address is loopback')
  .option('--metrics-environment <files...>', 'environment files whose metrics are always served')
  .action(async (options) => (await import('./commands/serve.ts')).serve({ ...options, archive: archive() }));

program.command('core-process', { hidden: true }).action(async () => (await import('./commands/core-process.ts')).coreProcess());

program
  .command('run')
  .description('run a scenario against an environment')
  .argument('<scenario>', 'scenario file (.scn)')
  .option('-e, --environment <file>', 'environment file')
  .option('--release <name>', 'release candidate under test (default: what the environment file says)', releaseName)
  .option('--set <name=value>', 'set a variable or parameter (repeatable)', nameAndValue)
  .option('--on-error <policy>', 'pause, abort or continue (default: pause at a terminal, else abort)', oneOf(...failurePolicies))
  .option('--step', 'step through the scenario at the terminal')
  .option('--break <[scenario:]line>', 'stop there and ask; also "12 if #{status} == FAIL hits 3" (repeatable)', severalTexts)
  .option('--dry-run', 'walk through the scenario without executing anything')
  .option('--json', 'print the records of the run, one JSON object per line')
  .option('--junit <file>', 'write the result as JUnit XML')
  .option(...trust)
  .action(async (scenario, options) => (await import('./commands/run.ts')).run(scenario, { ...options, archive: archive() }));

program
  .command('check')
  .description('check scenarios without running them')
  .argument('<scenario...>', 'scenario files')
  .option('-e, --environment <file>', 'check commands, components and metrics against this environment')
  .option('--offline', 'use the pinned catalogue instead of connecting')
  .option(...trust)
  .action(async (scenarios, options) => (await import('./commands/check.ts')).check(scenarios, { ...options, archive: archive() }));

program
  .command('format')
  .description('format scenario files in place')
  .argument('<scenario...>', 'scenario files')
  .option('--check', 'only say which files are not formatted (exit status 1 if any)')
  .action(async (scenarios, options) => (await import('./commands/format.ts')).format(scenarios, options));

program
  .command('execute')
  .description('execute one command by hand: testops execute -e environment.yaml kill -9 MatchingEnginePrimary')
  .argument('<words...>', 'the command and its arguments')
  .requiredOption('-e, --environment <file>', 'environment file')
  .option(...trust)
  .passThroughOptions()
  .allowUnknownOption()
  .action(async (words, options) => (await import('./commands/execute.ts')).execute(words, { ...options, archive: archive() }));

addWorkspaceCommands(program, archive);
addCampaignCommands(program, archive);

const environment = program.command('environment').description('look at an environment, pin it, find what drifted');
for (const [name, description] of [
  ['status', 'daemons, components and their states'],
  ['pin', 'remember what the daemons offer now as the wanted configuration'],
  ['drift', 'what differs from the pinned configuration (exit status 1 if anything does)'],
] as const) {
  environment
    .command(name)
    .description(description)
    .option('-e, --environment <file>', 'environment file', 'environment.yaml')
    .option('--json', 'print JSON')
    .option(...trust)
    .action(async (options) => (await import('./commands/environment.ts')).environment(name, { ...options, archive: archive() }));
}

const runs = program.command('runs').description('the archive of runs');
runs
  .command('list')
  .description('list archived runs, newest first')
  .option('--scenario <name>', 'only runs of this scenario')
  .option('--release <name>', 'only runs of this release')
  .option('--outcome <outcome>', `only runs that ended so: ${runOutcomes.join(', ')}`, oneOf(...runOutcomes))
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/runs.ts')).list({ ...options, archive: archive() }));
runs
  .command('show')
  .description('show one run: what it was, its trace, its conditions')
  .argument('<run>', 'id, the beginning of it or of its last part, or "last"')
  .option('--json', 'print its records, one JSON object per line')
  .action(async (run, options) => (await import('./commands/runs.ts')).show(run, { ...options, archive: archive() }));
runs
  .command('export')
  .description('write a run into one .testops-run file')
  .argument('<run>', 'id, the beginning of it or of its last part, or "last"')
  .argument('[file]', 'file to write (default: <id>.testops-run)')
  .option('--force', 'overwrite the file if it is there')
  .action(async (run, file, options) => (await import('./commands/runs.ts')).exportRun(run, file, { ...options, archive: archive() }));
runs
  .command('import')
  .description('add a .testops-run file to the archive')
  .argument('<file>', 'file that testops runs export wrote')
  .action(async (file) => (await import('./commands/runs.ts')).importRun(file, { archive: archive() }));
runs
  .command('delete')
  .description('delete a run for good')
  .argument('<run>', 'id, the beginning of it or of its last part, or "last"')
  .option('--yes', 'do not ask')
  .action(async (run, options) => (await import('./commands/runs.ts')).deleteRun(run, { ...options, archive: archive() }));
runs
  .command('storage')
  .description('what the runs take, and which may go: by the rules of the archive, or those given here')
  .option('--keep <n>', 'keep the last n of each scenario and release', numberToKeep)
  .option('--age <days>', 'keep what is not older', daysOf)
  .option('--save', 'make these the rules of the archive')
  .option('--apply', 'remove the runs that may go; accepted ones stay')
  .option('--yes', 'do not ask')
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/storage.ts')).storage({ ...options, archive: archive() }));
runs
  .command('samples')
  .description('take the recorded runs that come with the product into the archive')
  .action(async () => (await import('./commands/storage.ts')).samples({ archive: archive() }));
runs
  .command('recover')
  .description('execute the deferred commands that an interrupted run still owes, and close it')
  .argument('[run]', 'id, the beginning of one, or "last"; without it, list what is owed')
  .option('-e, --environment <file>', 'environment file')
  .option(...trust)
  .action(async (run, options) => (await import('./commands/runs.ts')).recover(run, { ...options, archive: archive() }));
runs
  .command('rebuild')
  .description('make the list of runs anew from the run folders')
  .action(async () => (await import('./commands/runs.ts')).rebuild({ archive: archive() }));

for (const [name, decision, description] of [
  ['accept', 'accepted', 'make runs the baseline that later release candidates are compared with'],
  ['reject', 'rejected', 'say that runs are no baseline'],
  ['undecide', 'undecided', 'take a decision back'],
] as const) {
  runs
    .command(name)
    .description(description)
    .argument('<run...>', 'ids, beginnings of them, or "last"')
    .option('--reason <text>', 'why')
    .action(async (named, options) =>
      (await import('./commands/decisions.ts')).decide(decision, named, { ...options, archive: archive() }),
    );
}
runs
  .command('annotate')
  .description('note something about a run, or why it is as it is')
  .argument('<run>', 'id, the beginning of it or of its last part, or "last"')
  .argument('[text...]', 'the note')
  .option('--cause <cause>', `one of: ${causes.join(', ')}`, oneOf(...causes))
  .option('--reference <text>', 'number of a defect, address of a change')
  .option('--finding <id>', 'the finding of a comparison that it explains (see testops compare --json)')
  .option('--withdraw <number>', 'take this remark back instead', wholeNumber)
  .action(async (run, text, options) => (await import('./commands/decisions.ts')).annotate(run, text, { ...options, archive: archive() }));
runs
  .command('remarks')
  .description('what was said about a run, and by whom')
  .argument('<run>', 'id, the beginning of it or of its last part, or "last"')
  .option('--json', 'print JSON')
  .action(async (run, options) => (await import('./commands/decisions.ts')).remarks(run, { ...options, archive: archive() }));

program
  .command('compare')
  .description('what changed in a run (exit status 0: nothing, 1: something, 4: no comparable history)')
  .argument('<candidate>', 'run: id, the beginning of one, or "last"')
  .argument('[baseline...]', 'runs to compare with')
  .option(
    '--baseline <release>',
    'the accepted runs of this release (default: the newest one, the own included, that has enough)',
    releaseName,
  )
  .option('--last <number>', 'how many of them at the most', wholeNumber, 20)
  .option('--all', 'show every finding')
  .option('--json', 'print the comparison as JSON')
  .option('--html <file>', 'write it as an HTML report, too')
  .action(async (candidate, against, options) =>
    (await import('./commands/compare.ts')).compare(candidate, against, { ...options, archive: archive() }),
  );
program
  .command('report')
  .description('a run, a comparison or a release candidate as a report, or for other programs')
  .argument('[run]', 'id, the beginning of it or of its last part, or "last"')
  .requiredOption('--format <format>', `one of: ${reportFormats.join(', ')}`, oneOf(...reportFormats))
  .option('--against <runs...>', 'compare it with these runs')
  .option('--baseline <release>', 'compare it with the accepted runs of this release', releaseName)
  .option('--last <number>', 'how many of them at the most', wholeNumber, 20)
  .option('--release <release>', 'the sheet of this release candidate instead of a run', releaseName)
  .option('--previous <release>', 'the one that the candidate is compared with (default: the one before it)', releaseName)
  .option('--output <file>', 'file to write, or folder for allure (default: print it)')
  .action(async (run, options) => (await import('./commands/report.ts')).report(run, { ...options, archive: archive() }));
program
  .command('trend')
  .description('how a scenario went over release candidates and time')
  .argument('<scenario>', 'name of the scenario')
  .option('--series <names...>', 'metrics to follow, such as MatchingEngineSecondary.rss')
  .option('--limit <number>', 'how many runs are looked at, the newest first', wholeNumber, 100)
  .option('--json', 'print JSON')
  .action(async (scenario, options) => (await import('./commands/trend.ts')).trend(scenario, { ...options, archive: archive() }));

const releases = program.command('releases').description('the release candidates that were tested');
releases
  .command('list')
  .description('list them, newest first')
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/releases.ts')).listReleases({ ...options, archive: archive() }));
releases
  .command('show')
  .description('may this candidate go on? (exit status 0: yes, 1: no, 4: not yet)')
  .argument('<release>', 'name of the candidate')
  .option('--previous <release>', 'the one to compare it with (default: the one before it)', releaseName)
  .option('--json', 'print JSON')
  .action(async (release, options) => (await import('./commands/releases.ts')).showRelease(release, { ...options, archive: archive() }));

program
  .command('replay')
  .description('play an archived run again at the terminal')
  .argument('<run>', 'id, the beginning of it or of its last part, or "last"')
  .option('--speed <factor>', '0.1 to 100, or max', replaySpeed, 1)
  .option('--from <step>', 'begin at this step (its number)', stepNumber)
  .action(async (run, options) => (await import('./commands/replay.ts')).replay(run, { ...options, archive: archive() }));

program
  .command('router')
  .description('run the embedded router')
  .allowUnknownOption()
  .helpOption(false)
  .argument('[options...]')
  .action(async (args: string[]) => (await import('./commands/network.ts')).router(args));
program
  .command('daemon')
  .description('run a daemon: testops daemon --config daemon.yaml [--check]')
  .allowUnknownOption()
  .helpOption(false)
  .argument('[options...]')
  .action(async (args: string[]) => (await import('./commands/network.ts')).daemon(args));

program
  .command('keys')
  .description('keys of operators and daemons')
  .command('new')
  .description('make a key: writes the secret seed to a file only you can read, prints the public key')
  .argument('<file>', 'file for the seed, for example keys/alice.seed')
  .action(async (file) => (await import('./commands/keys.ts')).newKey(file));

program
  .command('schema')
  .description('print the JSON Schema of the records that --json prints')
  .action(async () => (await import('./commands/schema.ts')).schema());

outliveReaders();
try {
  await program.parseAsync();
} catch (failure) {
  if (failure instanceof CommanderError) process.exitCode = failure.exitCode === 0 ? 0 : exitCodes.usage;
  else (await import('./told-failure.ts')).tellFailure(failure);
}

/** The groups `testops campaign`, `suites`, `quarantine` and `radiator`, and `testops workers`: what there is; the work is loaded when it is called. */
import { InvalidArgumentError, type Command } from 'commander';
import type { MethodRequest } from '#shared/contract/contract.ts';

const most = 1_000_000;
type ExportFormat = MethodRequest<'campaign.export'>['format'];
const exportFormats: readonly ExportFormat[] = ['allure', 'junit', 'ndjson', 'parquet', 'otlp', 'allurectl'];

function count(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > most) throw new InvalidArgumentError(`Write a whole number from 1 to ${most}.`);
  return number;
}

function days(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 14) throw new InvalidArgumentError('Write a whole number from 1 to 14.');
  return number;
}

function priority(text: string): number {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || Math.abs(number) > 1_000) throw new InvalidArgumentError('Write a whole number from -1000 to 1000.');
  return number;
}

function revision(text: string): string {
  if (text === '' || text.length > 128) throw new InvalidArgumentError('It has 1 to 128 characters.');
  return text;
}

function format(text: string): ExportFormat {
  const chosen = exportFormats.find((each) => each === text);
  if (chosen !== undefined) return chosen;
  throw new InvalidArgumentError(`Choose one of: ${exportFormats.join(', ')}.`);
}

const id = ['<campaign>', 'id, the beginning of it or of its last part, or "last"'] as const;
const environment = ['-e, --environment <file>', 'environment file: look for its campaigns, too'] as const;
const json = ['--json', 'print JSON'] as const;

/** @param archive the folder that the command line names, once it was read */
export function addCampaignCommands(program: Command, archive: () => string | undefined): void {
  const trust = ['--trust', 'trust the folders of campaign and environment from now on (see testops workspace)'] as const;
  const campaign = program.command('campaign').description('campaigns: tests of many suites, executed by workers on many machines');
  const commands = () => import('./commands/campaign.ts');
  campaign
    .command('run')
    .description('start a campaign and follow it to its end')
    .argument('<campaign>', 'campaign file, or the name of one in the folder campaigns')
    .option('--revision <name>', 'what is under test (default: release of the environment file)', revision)
    .option('--suite <names...>', 'only these of its suites')
    .option('--only <suite:test...>', 'only these tests')
    .option('--failed-of <campaign>', 'only the tests that failed in this campaign')
    .option('-e, --environment <file>', 'environment file of the workers (default: what the campaign file says)')
    .option('--json', 'print what happens, one JSON object per line')
    .option(...trust)
    .action(async (named, options) => (await import('./commands/campaign-run.ts')).runCampaign(named, { ...options, archive: archive() }));
  campaign
    .command('list')
    .description('list campaigns, newest first')
    .option(...environment)
    .option('--json', 'print JSON, one object per line')
    .option(...trust)
    .action(async (options) => (await commands()).listCampaigns({ ...options, archive: archive() }));
  campaign
    .command('show')
    .description('where a campaign stands: suites, servers, workers, failures by their messages')
    .argument(...id)
    .option('--follow', 'follow it to its end')
    .option(...environment)
    .option(...json)
    .option(...trust)
    .action(async (named, options) => (await commands()).showCampaign(named, { ...options, archive: archive() }));
  campaign
    .command('tests')
    .description('its tests: failures first, then what runs, waits, passed')
    .argument(...id)
    .option('--failed', 'only those that failed')
    .option('--suite <name>', 'only those of this suite')
    .option('--text <text>', 'only those with this text in their id or message')
    .option('--limit <number>', 'how many at the most', count, 1_000)
    .option(...environment)
    .option('--json', 'print JSON, one object per line')
    .option(...trust)
    .action(async (named, options) => (await commands()).listTests(named, { ...options, archive: archive() }));
  campaign
    .command('test')
    .description('one test: its attempts, what they left, and why it waits')
    .argument(...id)
    .argument('<suite>', 'name of its suite')
    .argument('<test>', 'its id')
    .option(...environment)
    .option(...json)
    .option(...trust)
    .action(async (named, suite, test, options) => (await commands()).showTest(named, suite, test, { ...options, archive: archive() }));
  campaign
    .command('stop')
    .description('end what it executes, and execute no more')
    .argument(...id)
    .option('--reason <text>', 'why')
    .option(...environment)
    .option('--json', 'print what happens, one JSON object per line')
    .option(...trust)
    .action(async (named, options) => (await commands()).stopCampaign(named, { ...options, archive: archive() }));
  campaign
    .command('retry')
    .description('execute failed tests of a campaign that goes on once more')
    .argument(...id)
    .argument('[suite:test...]', 'which (default: all that failed)')
    .option(...environment)
    .option(...trust)
    .action(async (named, tests, options) => (await commands()).retryTests(named, tests, { ...options, archive: archive() }));
  campaign
    .command('prioritise')
    .description('give a campaign that goes on another priority: testops campaign prioritise last 10')
    .argument(...id)
    .argument('<priority>', 'from -1000 to 1000, higher goes first', priority)
    .option('--suite <name>', 'only this suite of it')
    .option(...environment)
    .option(...trust)
    .action(async (named, wanted, options) => (await commands()).prioritise(named, wanted, { ...options, archive: archive() }));
  campaign
    .command('compare')
    .description('what differs between two campaigns (exit status 1: something fails that did not)')
    .argument(...id)
    .argument('<before>', 'the campaign that it is compared with')
    .option(...environment)
    .option(...json)
    .option(...trust)
    .action(async (named, before, options) => (await commands()).compareTwo(named, before, { ...options, archive: archive() }));
  campaign
    .command('flaky')
    .description('tests that passed and failed at one revision, with how often they fail')
    .option('-e, --environment <file>', 'environment file of the workers', 'environment.yaml')
    .option(...json)
    .option(...trust)
    .action(async (options) => (await import('./commands/flaky.ts')).flaky({ ...options, archive: archive() }));
  campaign
    .command('export')
    .description('write its results for other programs')
    .argument(...id)
    .argument('<path>', 'folder for allure and junit, file for ndjson and parquet, address for otlp and allurectl')
    .requiredOption('--format <format>', `one of: ${exportFormats.join(', ')}`, format)
    .option(...environment)
    .option(...trust)
    .action(async (named, path, options) =>
      (await commands()).exportResults(named, options.format, path, { ...options, archive: archive() }),
    );
  campaign
    .command('delete')
    .description('delete a campaign that is over for good')
    .argument(...id)
    .option('--yes', 'do not ask')
    .option(...environment)
    .option(...trust)
    .action(async (named, options) => (await commands()).deleteCampaign(named, { ...options, archive: archive() }));
  addSuites(program, archive);
  program
    .command('workers')
    .description('who executes tests in an environment (exit status 1: nobody)')
    .option('-e, --environment <file>', 'environment file', 'environment.yaml')
    .option(...json)
    .option(...trust)
    .action(async (options) => (await import('./commands/workers.ts')).workers({ ...options, archive: archive() }));
  addQuarantine(program);
  addRadiator(program, archive);
}

function addSuites(program: Command, archive: () => string | undefined): void {
  const suites = program.command('suites').description('the suites and campaigns of a workspace');
  suites
    .command('list')
    .description('list them')
    .argument('[folder]', 'workspace', '.')
    .option(...json)
    .action(async (folder, options) => (await import('./commands/suites.ts')).listSuites(folder, { ...options, archive: archive() }));
  suites
    .command('check')
    .description('all that is wrong with their files, and with quarantine.yaml (exit status 2: something)')
    .argument('[folder]', 'workspace', '.')
    .option(...json)
    .action(async (folder, options) => (await import('./commands/suites.ts')).checkSuites(folder, { ...options, archive: archive() }));
}

function addRadiator(program: Command, archive: () => string | undefined): void {
  const radiator = program.command('radiator').description('links by which a wall is shown campaigns, and nothing else');
  const commands = () => import('./commands/radiator.ts');
  radiator
    .command('link')
    .description('make a link; its address is told once')
    .argument('[name]', 'which wall', 'wall')
    .option('--address <url>', 'where a core is served, or a console is: https://core.example:7400')
    .action(async (name, options) => (await commands()).makeRadiatorLink(name, { ...options, archive: archive() }));
  radiator
    .command('list')
    .description('list those that hold')
    .option(...json)
    .action(async (options) => (await commands()).listRadiatorLinks({ ...options, archive: archive() }));
  radiator
    .command('revoke')
    .description('take a link back')
    .argument('<id>', 'its id, as list tells it')
    .action(async (id) => (await commands()).revokeRadiatorLink(id, { archive: archive() }));
}

function addQuarantine(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('tests that are known to be intermittent: executed, and not decisive for a while');
  const workspace = ['--workspace <folder>', 'workspace with quarantine.yaml', '.'] as const;
  const commands = () => import('./commands/quarantine.ts');
  quarantine
    .command('list')
    .description('list them, with their owners and when they are over')
    .option(...workspace)
    .option(...json)
    .action(async (options) => (await commands()).listQuarantine(options));
  quarantine
    .command('check')
    .description('is one of them over? (exit status 1: yes)')
    .option(...workspace)
    .action(async (options) => (await commands()).checkQuarantine(options));
  quarantine
    .command('add')
    .description('put a test into quarantine')
    .argument('<suite>', 'name of its suite')
    .argument('<test>', 'its id')
    .requiredOption('--owner <name>', 'who mends it')
    .requiredOption('--reason <text>', 'what is known of it')
    .option('--reference <text>', 'number of a defect, address of a change')
    .option('--days <number>', 'for how long, 14 at most', days, 14)
    .option(...workspace)
    .action(async (suite, test, options) => (await commands()).addEntry(suite, test, options));
  quarantine
    .command('extend')
    .description('once, by 14 days at most')
    .argument('<suite>', 'name of its suite')
    .argument('<test>', 'its id')
    .option('--days <number>', 'by how much', days, 14)
    .option(...workspace)
    .action(async (suite, test, options) => (await commands()).extendEntry(suite, test, options));
  quarantine
    .command('remove')
    .description('take a test out: it decides again')
    .argument('<suite>', 'name of its suite')
    .argument('<test>', 'its id')
    .option(...workspace)
    .action(async (suite, test, options) => (await commands()).removeEntry(suite, test, options));
}

/** The form of `suites/NAME.yaml`, of `campaigns/NAME.yaml` and of `quarantine.yaml`; docs/campaigns.md describes them for those who write one. */
import { z } from 'zod';
import { serverPatience } from '#shared/campaign/plan.ts';
import { adapters, type ServerName, type SuiteName } from '#shared/campaign/words.ts';
import { choice, duration, fault, integer, leaf, name, section, shown, text } from '#platform/configuration/leaves.ts';

const path = text(4_096);
const word = leaf((input) => {
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  if (typeof input === 'string' && !input.includes('\0') && input.length <= 4_096) return input;
  return fault('wrong-type', `must be one text of at most 4096 characters, not ${shown(input)}`, 'Put it in quotes.');
});
const variables = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), word);
const slots = z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/), integer(1, 10_000));
const yesOrNo = leaf((input) =>
  typeof input === 'boolean' ? input : fault('wrong-type', `must be true or false, not ${shown(input)}`),
).meta({
  words: ['true', 'false'],
});

/** What a key means, for whoever writes the file. */
const means = <Schema extends z.ZodType>(schema: Schema, description: string): Schema => schema.meta({ description });
/** The same of one whose entries, keys or value are names that the workspace has. */
const names = <Schema extends z.ZodType>(schema: Schema, kind: 'suites' | 'labels' | 'tags' | 'capacities'): Schema =>
  schema.meta({ ...schema.meta(), names: kind });

/** Where the tests come from: exactly one of the keys. */
const packageSource = section({
  folder: means(path.optional(), 'A folder as it is when the campaign starts, relative to this file.'),
  git: means(
    section({
      repository: means(path.default('.'), 'A folder of the repository, relative to this file.'),
      reference: means(text(256).default('HEAD'), 'A branch, tag or commit.'),
      folder: means(path.default('.'), 'What of it becomes the package.'),
    }).optional(),
    'A folder of a repository at a commit, whatever lies in its working copy.',
  ),
  archive: means(path.optional(), 'A zip file, relative to this file.'),
  onWorker: means(text(128).optional(), 'A folder that daemon.yaml of the workers names; nothing is delivered.'),
});

export const suiteFileSchema = section({
  suite: means(name<SuiteName>(), 'Its name.'),
  title: means(text(1_000).optional(), 'For people; unless given, the name.'),
  adapter: means(choice(adapters), 'What lists and executes its tests.'),
  package: means(
    packageSource.optional(),
    'Where its tests come from: exactly one of folder, git, archive and onWorker. Suites of scenarios need none.',
  ),
  prepare: means(
    z.array(z.array(word).min(1).max(256)).max(20).default([]),
    'Commands that are executed once for each worker and package, in its folder.',
  ),
  settings: means(z.record(z.string(), z.json()).default({}), 'Of the adapter.'),
  tags: means(
    z
      .array(names(text(128), 'tags'))
      .max(100)
      .default([]),
    'Only tests with one of these tags; none: all.',
  ),
  serial: means(
    z.array(text(1_000)).max(1_000).default([]),
    'Parts of ids of tests that need a server for themselves, besides those of which their framework says so; * stands for anything.',
  ),
  labels: means(
    z
      .array(names(text(64), 'labels'))
      .max(50)
      .default([]),
    'What a worker must have.',
  ),
  slots: means(integer(1, 1_000).default(1), 'Slots of a worker, and of a server, that one unit takes.'),
  needs: means(names(slots.default({}), 'capacities'), 'Slots of capacities of the campaign that one unit takes.'),
  priority: means(integer(-1_000, 1_000).default(0), 'Higher goes first.'),
  retries: means(
    integer(0, 10).default(0),
    'Attempts after the first, at tests that failed, were broken or missing; on another worker where there is one.',
  ),
  timeout: means(duration('100ms', '24h').default(60_000), 'Time that one test may take: 30s, 2m.'),
  usesServer: means(yesOrNo.default(true), 'Whether its tests need a server; where the campaign has none, none does.'),
  optional: means(yesOrNo.default(false), 'Whether a campaign does without it where no worker can list its tests; the reason is told.'),
  variables: means(variables.default({}), 'Variables of the environment of its tests.'),
});
export type SuiteFile = z.output<typeof suiteFileSchema>;

const server = section({
  environment: means(path.optional(), 'Its environment file: the server is watched, and lost when its router or daemons are out of reach.'),
  slots: means(integer(1, 100_000).default(1), 'Units that may use it at once.'),
  deploy: means(path.optional(), 'Scenario that brings the revision onto it before anything is executed there.'),
  variables: means(variables.default({}), 'What tests are told of it, and parameters of deploy.'),
});

/** Stands in the plan and in messages: it may hold no secret. */
const address = leaf((input) => {
  const tip = 'Write it as in https://collector.example.com:4318; secrets come from variables or files (docs/reports.md).';
  const parsed = typeof input === 'string' && input.length <= 1_000 ? URL.parse(input) : null;
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) return fault('bad-address', 'is no http or https address', tip);
  const holdsSecret = parsed.username !== '' || parsed.password !== '' || parsed.search !== '';
  return holdsSecret ? fault('secret-in-address', 'holds a user, a password or parameters', tip) : String(input);
});

const results = section({
  allure: means(path.optional(), 'A folder that allure watch follows; {campaign} stands for the campaign’s id.'),
  ndjson: means(path.optional(), 'A file for its ledger; {campaign} stands for the campaign’s id.'),
  junit: means(path.optional(), 'A folder for a file of each suite; {campaign} stands for the campaign’s id.'),
  parquet: means(path.optional(), 'A file of its results for analysis; {campaign} stands for the campaign’s id.'),
  traces: means(
    section({
      endpoint: means(address, 'Address of the collector.'),
      headersFile: means(path.optional(), 'A file of headers that are sent along, such as one with a token.'),
    }).optional(),
    'Its course as traces, sent to an OpenTelemetry collector.',
  ),
  allurectl: means(
    section({
      endpoint: means(address, 'Address of Allure TestOps.'),
      project: means(
        leaf((input) => {
          if (/^\d{1,18}$/.test(String(input))) return String(input);
          return fault(
            'bad-project',
            `is no number of a project: ${shown(input)}`,
            'It stands in the address of the project in Allure TestOps.',
          );
        }),
        'Number of the project, as its address has it.',
      ),
      launch: means(text(256).optional(), 'Name of the launch.'),
      tokenFile: means(path.optional(), 'A file that holds the token.'),
    }).optional(),
    'Results that allurectl uploads while it goes on.',
  ),
});

export const campaignFileSchema = section({
  campaign: means(
    leaf((input) => {
      if (typeof input === 'string' && /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(input)) return input;
      return fault(
        'bad-name',
        `is not a usable name: ${shown(input)}`,
        'A name starts with a letter and holds only letters, digits, _ and -.',
      );
    }),
    'Its name.',
  ),
  title: means(text(1_000).optional(), 'For people; unless given, the name.'),
  environment: means(path.default('../environment.yaml'), 'Environment file of the workers.'),
  suites: means(
    z.array(names(name<SuiteName>(), 'suites')).min(1).max(1_000).optional(),
    'Names of suites; unless given, all of the folder suites.',
  ),
  servers: means(z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/), server).default({}), 'What is under test, each by a name.'),
  serverPatience: means(
    duration('1s', '24h').default(serverPatience),
    'How long what needs a server waits where none is ready; then the campaign ends.',
  ),
  capacities: means(names(slots.default({}), 'capacities'), 'Slots of named things of which there are only so many: licences, databases.'),
  results: means(results.optional(), 'Where its results are written and sent while it goes on.'),
});
export type CampaignFile = z.output<typeof campaignFileSchema>;
export type ServerFile = CampaignFile['servers'][string];
export type { ServerName };

/** ms since 1970: the end of a day that is written as 2026-12-24. */
const day = leaf((input) => {
  const tip = 'Write the last day on which it holds, as in 2026-12-24.';
  const written = input instanceof Date ? input.toISOString().slice(0, 10) : input;
  if (typeof written !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(written)) return fault('bad-day', `is not a day: ${shown(input)}`, tip);
  const time = Date.parse(`${written}T23:59:59.999Z`);
  // Date takes the 31st of February for the 3rd of March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== written)
    return fault('bad-day', `is not a day of the calendar: ${shown(input)}`, tip);
  return time;
});

const quarantineEntry = section({
  suite: means(names(name<SuiteName>(), 'suites'), 'The suite of the test.'),
  test: means(text(4_000), 'Its id, as its framework names it.'),
  owner: means(text(128), 'Who mends it.'),
  reason: means(text(2_000), 'What is known of it.'),
  reference: means(text(1_000).default(''), 'Number of a defect, address of a change.'),
  since: means(day, 'The day from which on it holds, as in 2026-12-10.'),
  expires: means(day, 'The last day on which it holds, at most 14 days later.'),
  extended: means(yesOrNo.default(false), 'Whether it was extended, which is allowed once and by at most as much again.'),
});

export const quarantineFileSchema = section({
  quarantine: means(z.array(quarantineEntry).max(10_000).default([]), 'Tests that are executed and do not decide, for a while.'),
});
export type QuarantineFile = z.output<typeof quarantineFileSchema>;

/** The form of `suites/NAME.yaml`, of `campaigns/NAME.yaml` and of `quarantine.yaml`; docs/campaigns.md describes them for those who write one. */
import { z } from 'zod';
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
const yesOrNo = leaf((input) => (typeof input === 'boolean' ? input : fault('wrong-type', `must be true or false, not ${shown(input)}`)));

/** Where the tests come from: exactly one of the keys. */
const packageSource = section({
  folder: path.optional(),
  git: section({ repository: path.default('.'), reference: text(256).default('HEAD'), folder: path.default('.') }).optional(),
  archive: path.optional(),
  /** A folder that daemon.yaml of the workers names; nothing is delivered. */
  onWorker: text(128).optional(),
});

export const suiteFileSchema = section({
  suite: name<SuiteName>(),
  title: text(1_000).optional(),
  adapter: choice(adapters),
  package: packageSource.optional(),
  prepare: z.array(z.array(word).min(1).max(256)).max(20).default([]),
  settings: z.record(z.string(), z.json()).default({}),
  tags: z.array(text(128)).max(100).default([]),
  /** Parts of ids of tests that need a server for themselves; `*` stands for anything. */
  serial: z.array(text(1_000)).max(1_000).default([]),
  labels: z.array(text(64)).max(50).default([]),
  slots: integer(1, 1_000).default(1),
  needs: slots.default({}),
  priority: integer(-1_000, 1_000).default(0),
  retries: integer(0, 10).default(0),
  timeout: duration('100ms', '24h').default(60_000),
  usesServer: yesOrNo.default(true),
  variables: variables.default({}),
});
export type SuiteFile = z.output<typeof suiteFileSchema>;

const server = section({
  environment: path.optional(),
  slots: integer(1, 100_000).default(1),
  deploy: path.optional(),
  variables: variables.default({}),
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
  allure: path.optional(),
  ndjson: path.optional(),
  junit: path.optional(),
  parquet: path.optional(),
  traces: section({ endpoint: address, headersFile: path.optional() }).optional(),
  allurectl: section({
    endpoint: address,
    project: leaf((input) => {
      if (/^\d{1,18}$/.test(String(input))) return String(input);
      return fault(
        'bad-project',
        `is no number of a project: ${shown(input)}`,
        'It stands in the address of the project in Allure TestOps.',
      );
    }),
    launch: text(256).optional(),
    tokenFile: path.optional(),
  }).optional(),
});

export const campaignFileSchema = section({
  campaign: leaf((input) => {
    if (typeof input === 'string' && /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(input)) return input;
    return fault(
      'bad-name',
      `is not a usable name: ${shown(input)}`,
      'A name starts with a letter and holds only letters, digits, _ and -.',
    );
  }),
  title: text(1_000).optional(),
  /** Environment file of the workers. */
  environment: path.default('../environment.yaml'),
  /** Names of suites; all of the folder `suites` unless given. */
  suites: z.array(name<SuiteName>()).min(1).max(1_000).optional(),
  servers: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/), server).default({}),
  capacities: slots.default({}),
  /** Where its results are written; `{campaign}` stands for its id. */
  results: results.optional(),
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
  suite: name<SuiteName>(),
  test: text(4_000),
  owner: text(128),
  reason: text(2_000),
  reference: text(1_000).default(''),
  since: day,
  expires: day,
  /** Once, and by at most as much again. */
  extended: yesOrNo.default(false),
});

export const quarantineFileSchema = section({ quarantine: z.array(quarantineEntry).max(10_000).default([]) });
export type QuarantineFile = z.output<typeof quarantineFileSchema>;

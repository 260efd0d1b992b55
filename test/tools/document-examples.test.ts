/** The examples in the documents are right: each says of which kind it is, and is read by whatever reads such a thing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCampaign, readQuarantine, readSuite } from '#main/core/campaigns/files/campaign-files.ts';
import { parseEnvironment } from '#main/core/environments/environment-file.ts';
import { pluginDescriptionSchema } from '#main/core/plugins/messages.ts';
import { parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { builtAdapters } from '#network/daemon/worker/adapters/adapters.ts';
import { workRequestSchema } from '#shared/protocol/work.ts';
import { parseRouterConfiguration } from '#network/router/configuration.ts';
import { newKey } from '#platform/keys.ts';
import { retentionRulesSchema } from '#shared/contract/history.ts';
import { formatProblem } from '#shared/problem.ts';
import { presenceSchema, spoolEndSchema } from '#shared/protocol/observations.ts';
import { checkScenario } from '#shared/scenario/checker.ts';
import { parseScenario } from '#shared/scenario/parser.ts';

const root = join(import.meta.dirname, '..', '..');

interface Example {
  /** `docs/environment-file.md:47` */
  readonly place: string;
  readonly kind: string;
  readonly text: string;
}

const examples = [
  'README.md',
  'resources/examples/redis-sentinel/README.md',
  ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
].flatMap(examplesIn);

function examplesIn(document: string): Example[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^( *)```(.*)\n([\s\S]*?)^ *```$/gm)].map(({ index, 1: indent = '', 2: kind = '', 3: body = '' }) => ({
    place: `${document}:${text.slice(0, index).split('\n').length}`,
    kind,
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

function ofKind(kind: string): [place: string, text: string][] {
  return examples.flatMap((example) => (example.kind === kind ? [[example.place, example.text]] : []));
}

/** Keys that a reader puts in are keys. */
function withKeys(text: string): string {
  return text.replaceAll(/<public key of \w+>|U[A-Z]…/g, () => newKey().publicKey);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'testops-examples-'));
  // The files that configurations name.
  for (const file of ['keys/MEP.seed', 'keys/TICK.seed', 'keys/alice.seed', 'keys/ca.pem']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('each says of which kind it is', () => {
  const known = /^(scenario|yaml (environment|part of an environment|daemon|router|prometheus|suite|campaign|quarantine)|json( presence| spool-end| retention| work-request)?|js( plugin)?|console|sh|text|sql|python|ini)$/; // prettier-ignore
  expect(examples.filter(({ kind }) => !known.test(kind)).map(({ place, kind }) => `${place} ${kind}`)).toEqual([]);
  expect(examples.length).toBeGreaterThan(60);
});

test.each(ofKind('scenario'))('the scenario %s', (_, text) => {
  const { scenario, problems } = parseScenario('example', text);
  const found = checkScenario({ root: 'example', scenarios: new Map([['example', scenario]]) }, undefined);
  expect([...problems, ...found].filter(({ severity }) => severity === 'error')).toEqual([]);
});

test.each(ofKind('yaml environment'))('the environment file %s', (_, text) => {
  expect(parseEnvironment(text, join(folder, 'environment.yaml')).problems.map(formatProblem)).toEqual([]);
});

test.each(ofKind('yaml part of an environment'))('the part of an environment file %s', (_, text) => {
  const whole = `environment: demo\nrouter: nats://127.0.0.1:4222\noperator: { name: alice, key: keys/alice.seed }\n${text}`;
  expect(parseEnvironment(whole, join(folder, 'environment.yaml')).problems.map(formatProblem)).toEqual([]);
});

test.each(ofKind('yaml daemon'))('the configuration of a daemon %s', async (_, text) => {
  const { problems } = await parseDaemonConfiguration(withKeys(text), join(folder, 'daemon.yaml'));
  expect(problems.map(formatProblem)).toEqual([]);
});

test.each(ofKind('yaml router'))('the configuration of a router %s', (_, text) => {
  expect(parseRouterConfiguration(withKeys(text), join(folder, 'router.yaml')).problems.map(formatProblem)).toEqual([]);
});

test.each(ofKind('yaml suite'))('the suite %s', async (_, text) => {
  const file = join(folder, 'suite.yaml');
  writeFileSync(file, text);
  const { content, problems } = await readSuite(file);
  expect(problems.map(formatProblem)).toEqual([]);
  const adapter = content && builtAdapters[content.adapter];
  expect(adapter?.settings.safeParse(content?.settings).error).toBeUndefined();
});

test.each(ofKind('yaml campaign'))('the campaign %s', async (_, text) => {
  const file = join(folder, 'campaign.yaml');
  writeFileSync(file, text);
  expect((await readCampaign(file)).problems.map(formatProblem)).toEqual([]);
});

test.each(ofKind('yaml quarantine'))('the quarantine %s', async (_, text) => {
  writeFileSync(join(folder, 'quarantine.yaml'), text);
  const { entries, problems } = await readQuarantine(folder);
  expect(problems.map(formatProblem)).toEqual([]);
  expect(entries.length).toBeGreaterThan(0);
});

test.each(ofKind('js plugin'))('the plugin %s', async (_, text) => {
  const file = join(folder, 'plugin.mjs');
  writeFileSync(
    file,
    text.replace("'testops-console/plugin'", JSON.stringify(pathToFileURL(join(root, 'main/core/plugins/define-plugin.ts')).href)),
  );
  const { default: plugin } = (await import(pathToFileURL(file).href)) as { readonly default: unknown };
  expect(pluginDescriptionSchema.safeParse(plugin).error).toBeUndefined();
});

test.each(examples.filter(({ kind }) => kind.startsWith('json')).map(({ place, kind, text }) => [place, kind, text]))(
  'the JSON %s',
  (_, kind = '', text = '') => {
    const value: unknown = JSON.parse(text);
    if (kind === 'json presence') expect(presenceSchema.safeParse(value).error).toBeUndefined();
    if (kind === 'json work-request') expect(workRequestSchema.safeParse(value).error).toBeUndefined();
    if (kind === 'json spool-end') expect(spoolEndSchema.safeParse(value).error).toBeUndefined();
    if (kind === 'json retention') expect(retentionRulesSchema.safeParse((value as { rules: unknown }).rules).error).toBeUndefined();
  },
);

/** Command lines of ours in an example, without what a shell does with their output. */
function commandLines(text: string): string[] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const words = /^(?:\$ )?(?:npm run --silent testops -- |testops )(.*)$/.exec(line)?.[1];
      return words === undefined ? [] : [words.replace(/ (?:&&|\|\||>|#) .*$/, '')];
    });
}

describe('the command lines', { timeout: 120_000 }, () => {
  const known = new Map<string, string>();
  const help = (...command: readonly string[]): string => {
    const name = command.join(' ');
    const text = known.get(name) ?? execFileSync(process.execPath, [join(root, 'main/cli/testops.ts'), ...command, '--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }); // prettier-ignore
    known.set(name, text);
    return text;
  };
  const all = examples.flatMap(({ place, kind, text }) => (['console', 'sh'].includes(kind) ? commandLines(text).map((line) => [place, line] as const) : [])); // prettier-ignore

  test('are many', () => expect(all.length).toBeGreaterThan(35));

  test('name commands that there are, with options that these have', () => {
    const wrong = all.flatMap(([place, line]) => {
      const [first = '', second = ''] = line.split(' ');
      const listed = (text: string, name: string) => new RegExp(`^  ${name}(?: |$)`, 'm').test(text);
      if (!listed(help(), first)) return [`${place} ${line}: no command ${first}`];
      const group = /^Commands:$/m.test(help(first));
      if (group && !listed(help(first), second)) return [`${place} ${line}: no command ${first} ${second}`];
      const offered = `${help(...(group ? [first, second] : [first]))}\n${help()}`;
      const options = [...line.replaceAll(/"[^"]*"|'[^']*'/g, '').matchAll(/(?<=[\s[])--?[a-z][a-z-]*/g)].map(([option]) => option);
      return options
        .filter((option) => !new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(offered))
        .map((option) => `${place} ${line}: no option ${option}`);
    });
    expect(wrong).toEqual([]);
  });
});

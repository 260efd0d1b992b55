/** Whatever file is read, the same mistake is told in the same words. */
import { describe, expect, test } from 'vitest';
import { parseEnvironment } from '#main/core/environments/environment-file.ts';
import { parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { parseRouterConfiguration } from '#network/router/configuration.ts';
import type { Problem } from '#shared/problem.ts';

const readers: readonly (readonly [string, (text: string) => Promise<readonly Problem[]> | readonly Problem[]])[] = [
  ['daemon.yaml', async (text) => (await parseDaemonConfiguration(text, '/etc/file.yaml')).problems],
  ['environment.yaml', (text) => parseEnvironment(text, '/etc/file.yaml').problems],
  ['router.yaml', (text) => parseRouterConfiguration(text, '/etc/file.yaml').problems],
];

describe.each(readers)('%s', (_, problemsOf) => {
  test.each([
    ['a list', '- one\n', 'bad-yaml', 'The file is no group of keys.', 0],
    ['what is not YAML', 'a: [\n', 'bad-yaml', expect.stringMatching(/^This is not YAML: /), 1],
    ['an anchor that is not there', 'a: *missing\n', 'bad-yaml', expect.stringContaining('refers to one that is not there'), 0],
    ['a key that stands twice', 'b: 1\nb: 2\n', 'duplicate-key', 'The key "b" stands here a second time.', 1],
    ['an unknown key', 'nobodyKnows: 1\n', 'unknown-key', 'The key "nobodyKnows" is not known.', 0],
  ])('tells of %s', async (__, text, code, message, line) => {
    const problems = await problemsOf(text);
    const range = expect.objectContaining({ start: expect.objectContaining({ line }) });
    expect(problems).toContainEqual(expect.objectContaining({ severity: 'error', code, message, file: '/etc/file.yaml', range }));
  });
});

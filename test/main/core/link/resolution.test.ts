/** Which daemon executes a command, and what is said when none or too many would. */
import { describe, expect, test } from 'vitest';
import { resolveCommand, type CommandSurroundings, type Offer } from '#main/core/link/resolution.ts';
import { scenarioCatalogue } from '#main/core/link/scenario-catalogue.ts';
import { formatProblem } from '#shared/problem.ts';

const component = (name: string, commands: string[] = ['kill', 'signal', 'status']) => ({
  name,
  states: ['READY'],
  commands,
  signals: ['KILL', 'TERM'],
  metrics: ['rss'],
});
const action = (name: string) => ({
  name,
  parameters: [
    { name: 'rate', type: 'integer', default: 5 },
    { name: 'seconds', type: 'integer', default: 5 },
  ],
  hazard: 'disruptive',
  timeout: 1_000,
});
const offer = (daemon: string, components: object[], actions: object[], series: object[] = []): Offer =>
  ({ daemon, components, actions, series }) as unknown as Offer;

const surroundings: CommandSurroundings = {
  offers: [
    offer('MEP', [component('MatchingEnginePrimary'), component('Shared')], [action('status')]),
    offer('MON', [component('Shared'), component('Quiet', [])], [], [{ component: 'System', metric: 'cpu', unit: '%' }]),
    offer('LOG', [component('MatchingEnginePrimary', [])], []),
    offer('INJ', [], [action('start_load'), action('twice')]),
    offer('INK', [], [action('twice')]),
  ],
  plugins: [
    { name: 'http_check', help: 'Asks a server.', parameters: [], hazard: 'none' },
    { name: 'toString', help: null, parameters: [], hazard: 'none' },
  ],
  aliases: {
    fail_primary: ['kill', '-9', 'MatchingEnginePrimary'],
    load: ['start_load', '500'],
    heavy: ['load', '60'],
    start_load: ['start_load', '100'],
  },
};
const resolve = (line: string): ReturnType<typeof resolveCommand> => resolveCommand(line.split(' '), surroundings);
const problem = (line: string): string => {
  const resolved = resolve(line);
  return resolved.kind === 'problem' ? formatProblem(resolved.problem) : `resolved to ${resolved.kind}`;
};

describe('resolution of commands', () => {
  test('a command of a component goes to the daemon that owns it, with its words as written', () => {
    const expected = {
      kind: 'component',
      daemon: 'MEP',
      component: 'MatchingEnginePrimary',
      action: 'kill',
      arguments: ['-9', 'MatchingEnginePrimary'],
      hazard: 'dangerous',
    };
    expect(resolve('kill -9 MatchingEnginePrimary')).toEqual(expected);
    expect(resolve('signal TERM MatchingEnginePrimary')).toMatchObject({
      kind: 'component',
      action: 'signal',
      arguments: ['TERM', 'MatchingEnginePrimary'],
    });
  });

  test('an action goes to the daemon that offers it, a plugin to the plugins', () => {
    expect(resolve('load')).toMatchObject({ kind: 'action', daemon: 'INJ', action: 'start_load' });
    expect(resolve('http_check http://x')).toEqual({ kind: 'plugin', name: 'http_check', arguments: ['http://x'], hazard: 'none' });
    expect(resolve('toString')).toMatchObject({ kind: 'plugin' });
    expect(resolve('status')).toMatchObject({ kind: 'action', daemon: 'MEP', action: 'status' });
    expect(resolve('status MatchingEnginePrimary')).toMatchObject({ kind: 'component', action: 'status' });
  });

  test('aliases are replaced by their words, also of each other, and end even where they name themselves', () => {
    expect(resolve('fail_primary')).toMatchObject({ kind: 'component', arguments: ['-9', 'MatchingEnginePrimary'] });
    expect(resolve('heavy now')).toMatchObject({ kind: 'action', action: 'start_load', arguments: ['100', '500', '60', 'now'] });
  });

  test('what is unknown, ambiguous or not allowed is a sentence with a tip', () => {
    expect(problem('start_lod')).toBe('No connected daemon and no plugin offers start_lod. Did you mean start_load?');
    expect(problem('kill -9 MatchingEnginePrimry')).toBe(
      'No connected daemon knows a component MatchingEnginePrimry. Did you mean MatchingEnginePrimary?',
    );
    expect(problem('kill -9')).toBe('kill does not say which component is meant. Write: kill -9 Component.');
    expect(problem('twice')).toBe(
      'The command twice is offered by INJ and INK. Keep it in one place only, or give one of them another name.',
    );
    expect(problem('kill Shared')).toContain('The component Shared is offered by MEP and MON.');
    expect(problem('stop MatchingEnginePrimary')).toBe(
      'MEP does not allow stop for MatchingEnginePrimary. Allowed are kill, signal, status. The configuration of MEP decides.',
    );
    expect(problem('kill Quiet')).toBe('MON does not allow kill for Quiet. The configuration of MON decides.');
    expect(resolveCommand([], surroundings)).toMatchObject({ kind: 'problem', problem: { code: 'empty-command' } });
    const lonely = resolveCommand(['exec_smoke'], { ...surroundings, absent: ['SMK'] });
    expect(lonely).toMatchObject({
      kind: 'problem',
      problem: { tip: 'Not connected: SMK. Start them, or see "testops environment status".' },
    });
  });
});

describe('catalogue for scenarios', () => {
  test('tells commands with their sources, components with their owners, metrics with their units', () => {
    const catalogue = scenarioCatalogue(surroundings, ['failover']);
    expect(catalogue.scenarios).toEqual(['failover']);
    const command = (name: string) => catalogue.commands.filter((each) => each.name === name);
    expect(command('twice')[0]).toMatchObject({ source: 'action', daemons: ['INJ', 'INK'] });
    expect(command('http_check')[0]).toMatchObject({ source: 'plugin', daemons: [], help: 'Asks a server.' });
    expect(command('fail_primary')[0]).toMatchObject({ source: 'alias', daemons: ['MEP'], parameters: [], hazard: 'dangerous' });
    expect(command('load')[0]).toMatchObject({ source: 'alias', daemons: ['INJ'], help: 'Stands for: start_load 100 500' });
    const named = (name: string) => catalogue.components.find((each) => each.name === name);
    expect(named('Shared')?.daemons).toEqual(['MEP', 'MON']);
    expect(named('System')).toMatchObject({ daemons: ['MON'], commands: [], metrics: [{ name: 'cpu', unit: '%' }] });
    expect(named('MatchingEnginePrimary')?.states).toEqual(['RUNNING', 'STOPPED', 'CRASHED', 'READY']);
  });
});

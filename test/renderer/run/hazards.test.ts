import { describe, expect, test } from 'vitest';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import { linkProgram } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import { hazardousCommands } from '../../../renderer/views/run/controls/hazards.ts';

const command = (name: string, hazard: 'none' | 'disruptive' | 'dangerous') =>
  ({ name, hazard, parameters: [], source: 'action', daemons: ['MEP'] }) as const;
const catalogue: ScenarioCatalogue = {
  commands: [command('wipe_disk', 'dangerous'), command('start_load', 'disruptive'), command('exec_smoke', 'none')],
  components: [],
};

function found(texts: Readonly<Record<string, string>>, known: ScenarioCatalogue | null = catalogue): string[] {
  const { program } = linkProgram('main', (name) => {
    const text = texts[name];
    return text === undefined ? undefined : parseScenario(name, text);
  });
  return hazardousCommands(program, known).map(({ text, scenario, line }) => `${scenario}:${line} ${text}`);
}

describe('hazardous commands of a scenario', () => {
  test('kill and signal everywhere, others as the catalogue says', () => {
    const main = ['start_load', 'kill -9 Engine', 'signal HUP Engine', 'set x wipe_disk', 'exec_smoke'].join('\n');
    expect(found({ main })).toEqual(['main:1 kill -9 Engine', 'main:2 signal HUP Engine', 'main:3 wipe_disk']);
    expect(found({ main }, null)).toEqual(['main:1 kill -9 Engine', 'main:2 signal HUP Engine']);
  });

  test('wherever they stand: deferred, behind if and else, in called scenarios', () => {
    const main = ['defer kill Engine', "if 'a' == 'b' then kill A else wipe_disk fast", 'call other'].join('\n');
    expect(found({ main, other: 'echo before\nkill #{victim}' })).toEqual([
      'main:0 kill Engine',
      'main:1 kill A',
      'main:1 wipe_disk fast',
      'other:1 kill #{victim}',
    ]);
  });

  test('talking about them is harmless', () => {
    expect(found({ main: "echo kill Engine\nnote 'kill -9'\nset kill = yes\nexpect #{kill} == yes" })).toEqual([]);
  });
});

/** What the tests of the language service know of an environment, and how they ask at a marked place. */
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import type { Place } from '#shared/scenario/language-service/document.ts';
import type { Surroundings } from '#shared/scenario/language-service/surroundings.ts';

export const catalogue: ScenarioCatalogue = {
  commands: [
    {
      name: 'start_load',
      help: 'Sends orders until stop_load.',
      parameters: [{ name: 'rate', type: 'integer', minimum: 1, default: 100, help: 'orders per second' }],
      hazard: 'none',
      source: 'action',
      daemons: ['INJ'],
    },
    { name: 'stop_load', parameters: [], hazard: 'none', source: 'action', daemons: ['INJ'] },
    { name: 'exec_smoke', parameters: [], hazard: 'disruptive', source: 'action', daemons: ['INJ'] },
    {
      name: 'place_order',
      parameters: [
        { name: 'side', type: 'choice', choices: ['buy', 'sell', 'sell short'] },
        { name: 'quantity', type: 'number' },
        { name: 'urgent', type: 'boolean', default: false },
      ],
      hazard: 'none',
      source: 'action',
      daemons: ['INJ'],
    },
    { name: 'report', parameters: [{ name: 'text', type: 'string' }], hazard: 'none', source: 'plugin', daemons: [] },
  ],
  components: [
    {
      name: 'MatchingEnginePrimary',
      daemons: ['MEP'],
      states: ['READY', 'STANDBY'],
      commands: ['kill', 'signal', 'start', 'status'],
      signals: ['KILL', 'TERM'],
      metrics: [
        { name: 'rss', unit: 'bytes' },
        { name: 'latency', unit: 'ms' },
      ],
    },
    { name: 'Gateway', daemons: ['MON'], states: ['UP'], commands: [], signals: [], metrics: [{ name: 'orders', unit: 'count' }] },
  ],
};

export const lost = `---
title: What happens after the loss
parameters:
  cause:
  patience: { default: 5s, help: how long to wait }
---
set loss = #{cause}
echo #{account}
`;

export const surroundings: Surroundings = {
  catalogue,
  scenarios: new Map([
    ['lost', lost],
    ['other', 'set account = elsewhere\n'],
  ]),
  live: {
    component: (name) => (name === 'MatchingEnginePrimary' ? { state: 'READY', pid: 1234, daemon: 'MEP' } : undefined),
    metric: (component, metric) => (component !== 'MatchingEnginePrimary' ? undefined : metric === 'rss' ? 512_000_000 : null),
    release: 'rc-7',
  },
  history: (statement) =>
    statement === 'kill -9 MatchingEnginePrimary'
      ? [
          { state: 'passed', duration: 1_234, release: 'rc-6' },
          { state: 'failed', duration: 5, release: 'rc-5' },
        ]
      : [],
};

/** A text without its mark `‸`, and the place where that stood. */
export function marked(text: string): { readonly text: string; readonly place: Place } {
  const before = text.slice(0, text.indexOf('‸')).split('\n');
  return { text: text.replace('‸', ''), place: { line: before.length - 1, column: before.at(-1)?.length ?? 0 } };
}

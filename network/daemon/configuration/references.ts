/** Names that refer to nothing in the configuration: mostly typing mistakes, though not wrong by themselves, so warnings. */
import { componentCommandSchema } from '#shared/protocol/observations.ts';
import { collectedComponents } from '../collectors.ts';
import { globMatcher } from '../name-glob.ts';
import { offersOfWorker } from '../worker/worker-section.ts';
import { nearestName } from '#shared/scenario/nearest-name.ts';
import { pathText } from '#platform/configuration/explain.ts';
import type { Path } from '#platform/configuration/places.ts';
import type { DaemonFile } from './schema.ts';
import type { Finding } from './finding.ts';

export function checkReferences(decoded: DaemonFile): readonly Finding[] {
  return [...checkAllowed(decoded), ...checkOwnersOfLogs(decoded)];
}

/** What an operator is allowed should be something that this daemon offers. */
function checkAllowed(decoded: DaemonFile): readonly Finding[] {
  const components = Object.keys(decoded.components).map((name) => `component:${name}`);
  const offered = [...Object.keys(decoded.actions), ...componentCommandSchema.options, ...components, ...offersOfWorker(decoded.worker)];
  return decoded.trust.flatMap(({ allow }, operator) =>
    allow.flatMap((glob, index): readonly Finding[] => {
      // `*` is meant for whatever may come.
      if (glob === '*' || offered.some(globMatcher([glob]))) return [];
      const close = nearestName(glob, offered);
      const message = `"${glob}" allows nothing: this daemon offers no such action, command or component.`;
      const tip = close
        ? `Did you mean "${close}"?`
        : 'Allowed are names of actions, kill, signal, start, stop, status, component:<name>, and of a worker work and work:<adapter>.';
      return [{ path: ['trust', operator, 'allow', index], code: 'allows-nothing', message, tip, severity: 'warning' }];
    }),
  );
}

/** A log may speak for a component that is only known from it, but hardly for one whose name is nearly that of another. */
function checkOwnersOfLogs(decoded: DaemonFile): readonly Finding[] {
  const known: readonly string[] = [...Object.keys(decoded.components), ...collectedComponents(decoded)];
  const named: (readonly [Path, string | undefined])[] = decoded.logs.map((log, index) => [['logs', index, 'component'], log.component]);
  const logs: (readonly [Path, DaemonFile['logs'][number]['rules']])[] = [
    ...decoded.logs.map(({ rules }, index) => [['logs', index], rules] as const),
    ...Object.entries(decoded.components).flatMap(([name, component]) =>
      component.logs.map(({ rules }, index) => [['components', name, 'logs', index], rules] as const),
    ),
  ];
  for (const [path, rules] of logs) rules.forEach((rule, index) => named.push([[...path, 'rules', index, 'component'], rule.component]));
  return named.flatMap(([path, name]): readonly Finding[] => {
    const close = name === undefined || known.includes(name) ? undefined : nearestName(name, known);
    // Numbered names (Engine1, Engine2) are near each other on purpose.
    if (!close || name === undefined || close.replaceAll(/\d/g, '') === name.replaceAll(/\d/g, '')) return [];
    const message = `${pathText(path)} is "${name}", which no other part of the file knows.`;
    return [{ path, code: 'unlisted-component', message, tip: `Did you mean "${close}"?`, severity: 'warning' }];
  });
}

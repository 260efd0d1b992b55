/** The form of `daemon.yaml`. What one part can tell by itself is checked here; what needs several parts or the disk, in semantics.ts. */
import { z } from 'zod';
import { componentCommandSchema, hazardSchema, logSeveritySchema } from '#shared/protocol/observations.ts';
import { seriesKindSchema, unitSchema } from '#shared/telemetry/series.ts';
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import { collectorSections } from '../collectors.ts';
import {
  choice,
  duration,
  fault,
  finiteNumber,
  integer,
  leaf,
  name,
  section,
  shown,
  size,
  text,
  url,
} from '#platform/configuration/leaves.ts';
import { workerSection } from '../worker/worker-section.ts';
import { componentName, operatorKey, path, pattern, signal, user } from './daemon-leaves.ts';

/** One argument or value: numbers and yes/no become the text that was written. */
const word = leaf((input) => {
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  if (typeof input === 'string' && !input.includes('\0') && input.length <= 16_384) return input;
  return fault('wrong-type', `must be one text of at most 16384 characters, not ${shown(input)}`, 'Put it in quotes.');
});
const command = z.array(word).min(1).max(256);
const environmentVariables = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), word);
const severity = choice(logSeveritySchema.options);

const logMetric = section({
  name: leaf((input) => {
    if (typeof input === 'string' && /^[A-Za-z_][A-Za-z0-9_.:]{0,127}$/.test(input)) return input;
    return fault(
      'bad-metric-name',
      `is not the name of a metric: ${shown(input)}`,
      'It starts with a letter and holds letters, digits, _ . and :',
    );
  }),
  value: text(1_000),
  unit: choice(unitSchema.options).default('none'),
  kind: choice(seriesKindSchema.options).default('gauge'),
  scale: finiteNumber.default(1),
});

const logRule = section({
  match: pattern,
  component: componentName.optional(),
  state: text(256).optional(),
  metric: logMetric.optional(),
  event: section({ name: text(64), severity: severity.default('info'), text: text(1_000).optional() }).optional(),
});

const logShape = {
  files: z.array(path).min(1).max(100),
  from: choice(['end', 'start']).default('end'),
  forward: choice(['matched', 'all', 'none']).default('matched'),
  severity: severity.default('info'),
  rules: z.array(logRule).max(200).default([]),
};

const component = section({
  find: section({ pidFile: path.optional(), commandLine: pattern.optional() }).optional(),
  start: section({
    command,
    directory: path.default('.'),
    environment: environmentVariables.default({}),
    user: user.default(null),
    ready: pattern.optional(),
    timeout: duration('100ms', '1h').default(10_000),
    restart: choice(['never', 'always']).default('never'),
  }).optional(),
  stop: section({ signal: signal.default('TERM'), timeout: duration('0s', '1h').default(5_000) }).default({
    signal: 'TERM',
    timeout: 5_000,
  }),
  signals: z.array(signal).max(20).default([]),
  commands: z.array(choice(componentCommandSchema.options)).max(10).default(['status']),
  interval: duration('100ms', '1h').default(1_000),
  states: z.array(text(64)).max(100).default([]),
  logs: z.array(section(logShape)).max(50).default([]),
});

const parameterValue = leaf((input) =>
  typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean'
    ? input
    : fault('wrong-type', `must be a text, a number, true or false, not ${shown(input)}`),
);
const parameter = section({
  type: choice(['string', 'integer', 'number', 'boolean', 'duration', 'choice']),
  choices: z.array(text(1_000)).min(1).max(100).optional(),
  minimum: finiteNumber.optional(),
  maximum: finiteNumber.optional(),
  default: parameterValue.optional(),
  help: text(1_000).optional(),
});

const result = leaf((input) => {
  const tip = 'It may be "exit status", "output", "last line" or { json: path.to.value }.';
  if (input === 'exit status' || input === 'output' || input === 'last line') return { kind: input } as const;
  if (typeof input === 'object' && input !== null && Object.keys(input).join() === 'json' && 'json' in input) {
    const jsonPath = input.json;
    if (typeof jsonPath === 'string' && /^[^.]+(\.[^.]+)*$/.test(jsonPath)) return { kind: 'json', path: jsonPath.split('.') } as const;
    return fault(
      'bad-json-path',
      `has a JSON path that is none: ${shown(jsonPath)}`,
      'Write keys and indexes separated by dots: orders.0.id.',
    );
  }
  return fault('unknown-word', `cannot be ${shown(input)}`, tip);
});

const action = section({
  help: text(1_000).optional(),
  command: command.optional(),
  stops: text(64).optional(),
  parameters: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/), parameter).optional(),
  directory: path.optional(),
  environment: environmentVariables.optional(),
  user: user.optional(),
  timeout: duration('100ms', '24h').default(30_000),
  result: result.optional(),
  success: z.array(integer(0, 255)).min(1).max(256).optional(),
  hazard: choice(hazardSchema.options).default('none'),
  concurrency: integer(1, 1_000).optional(),
  background: section({ ready: pattern.optional(), timeout: duration('100ms', '1h').default(10_000) }).optional(),
});

export const daemonFileSchema = section({
  daemon: name<DaemonName>(),
  environment: name<EnvironmentName>(),
  router: url(['nats', 'tls', 'ws', 'wss'], 'nats://127.0.0.1:4222'),
  key: path.optional(),
  tls: section({ ca: path.optional(), certificate: path.optional(), key: path.optional() }).optional(),
  state: path.default('state'),
  trust: z
    .array(section({ operator: text(64), key: operatorKey, allow: z.array(text(256)).max(200) }))
    .max(500)
    .default([]),
  clockTolerance: duration('0s', '1h').default(30_000),
  components: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/), component).default({}),
  logs: z
    .array(section({ component: componentName.optional(), ...logShape }))
    .max(100)
    .default([]),
  actions: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/), action).default({}),
  ...collectorSections,
  worker: workerSection.optional(),
  spool: section({ size: size('100kB', '100GB').default(64_000_000), age: duration('1s', '30d').default(3_600_000) }).default({
    size: 64_000_000,
    age: 3_600_000,
  }),
});
export type DaemonFile = z.infer<typeof daemonFileSchema>;
export type ComponentFile = DaemonFile['components'][string];
export type ActionFile = DaemonFile['actions'][string];
export type LogFile = DaemonFile['logs'][number];

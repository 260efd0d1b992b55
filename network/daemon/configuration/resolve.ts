/** From the decoded file to the configuration: absolute paths, one list of components, actions as tagged unions. */
import { dirname, resolve } from 'node:path';
import type { ComponentName } from '#shared/identifiers.ts';
import { parameterSchema, type Parameter } from '#shared/protocol/observations.ts';
import { resolveCollectors } from '../collectors.ts';
import { resolveWorker } from '../worker/worker-section.ts';
import type { ActionFile, ComponentFile, DaemonFile, LogFile } from './schema.ts';
import type {
  ActionConfiguration,
  ComponentConfiguration,
  DaemonConfiguration,
  FindConfiguration,
  LogConfiguration,
  LogRule,
} from './types.ts';

export function resolveConfiguration(decoded: DaemonFile, file: string): DaemonConfiguration {
  const folder = dirname(file);
  const absolute = (path: string): string => resolve(folder, path);
  const optional = (path: string | undefined): string | null => (path === undefined ? null : absolute(path));
  const { tls } = decoded;
  return {
    file,
    folder,
    daemon: decoded.daemon,
    environment: decoded.environment,
    router: decoded.router,
    key: optional(decoded.key),
    tls: tls ? { ca: optional(tls.ca), certificate: optional(tls.certificate), key: optional(tls.key) } : null,
    state: absolute(decoded.state),
    trust: decoded.trust,
    clockTolerance: decoded.clockTolerance,
    components: Object.entries(decoded.components).map(([name, component]) => resolveComponent(name as ComponentName, component, absolute)),
    logs: decoded.logs.map((log) => resolveLog(log, log.component ?? null, absolute)),
    actions: Object.entries(decoded.actions).map(([name, action]) => resolveAction(name, action, absolute)),
    ...resolveCollectors(decoded, absolute),
    worker: resolveWorker(decoded.worker, absolute(decoded.state), absolute),
    spool: decoded.spool,
  };
}

type Absolute = (path: string) => string;

function resolveComponent(name: ComponentName, component: ComponentFile, absolute: Absolute): ComponentConfiguration {
  const { start } = component;
  return {
    name,
    find: resolveFind(component.find, absolute),
    start: start ? { ...start, directory: absolute(start.directory), ready: start.ready ?? null } : null,
    stop: component.stop,
    signals: component.signals,
    commands: component.commands,
    interval: component.interval,
    states: component.states,
    logs: component.logs.map((log) => resolveLog(log, name, absolute)),
  };
}

function resolveFind(find: ComponentFile['find'], absolute: Absolute): FindConfiguration {
  if (find?.pidFile !== undefined) return { kind: 'pid file', path: absolute(find.pidFile) };
  if (find?.commandLine !== undefined) return { kind: 'command line', pattern: find.commandLine };
  return { kind: 'started by the daemon' };
}

function resolveLog(log: Omit<LogFile, 'component'>, component: ComponentName | null, absolute: Absolute): LogConfiguration {
  const rules = log.rules.map((rule): LogRule => ({
    match: rule.match,
    component: rule.component ?? component,
    state: rule.state ?? null,
    metric: rule.metric ?? null,
    event: rule.event ? { ...rule.event, text: rule.event.text ?? null } : null,
  }));
  return { component, files: log.files.map(absolute), from: log.from, forward: log.forward, severity: log.severity, rules };
}

function resolveAction(name: string, action: ActionFile, absolute: Absolute): ActionConfiguration {
  const common = { name, help: action.help ?? null, hazard: action.hazard, timeout: action.timeout };
  if (action.stops !== undefined) return { kind: 'stop', ...common, stops: action.stops };
  return {
    kind: 'run',
    ...common,
    command: action.command ?? [],
    parameters: Object.entries(action.parameters ?? {}).map(([parameter, form]): Parameter =>
      parameterSchema.parse({ name: parameter, ...form }),
    ),
    directory: absolute(action.directory ?? '.'),
    environment: action.environment ?? {},
    user: action.user ?? null,
    result: action.result ?? { kind: 'last line' },
    success: action.success ?? [0],
    concurrency: action.concurrency ?? 1,
    background: action.background ? { ready: action.background.ready ?? null, timeout: action.background.timeout } : null,
  };
}

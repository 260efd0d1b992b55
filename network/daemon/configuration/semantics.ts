/** What only several parts of the configuration together, or the disk, can tell. */
import { access, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Problem } from '#shared/problem.ts';
import { componentCommandSchema } from '#shared/protocol/observations.ts';
import { nearestName } from '#shared/scenario/nearest-name.ts';
import { checkCollectors } from '../collectors.ts';
import { checkWorker } from '../worker/worker-section.ts';
import { LinearPattern } from './pattern.ts';
import { pathText } from '#platform/configuration/explain.ts';
import type { Path, Places } from '#platform/configuration/places.ts';
import type { ActionFile, ComponentFile, DaemonFile, LogFile } from './schema.ts';
import { templatePlaces } from './templates.ts';
import { checkParameter } from './parameters.ts';
import { checkReferences } from './references.ts';
import type { Finding } from './finding.ts';

export async function checkSemantics(decoded: DaemonFile, file: string, places: Places): Promise<readonly Problem[]> {
  const told = [
    ...checkOwners(decoded),
    ...Object.entries(decoded.components).flatMap(([name, component]) => checkComponent(['components', name], component)),
    ...decoded.logs.flatMap((log, index) => checkLog(['logs', index], log, log.component !== undefined)),
    ...Object.entries(decoded.actions).flatMap(([name, action]) => checkAction(['actions', name], action, decoded)),
    ...checkCollectors(decoded, Object.keys(decoded.components)),
    ...checkReferences(decoded),
    ...checkWorker(decoded.worker, decoded.trust),
    ...(await checkFiles(decoded, dirname(file))),
  ];
  return told.map(({ path, severity, ...rest }) => ({ severity: severity ?? 'error', file, range: places.value(path), ...rest }));
}

/** Trusted keys must not be shared, nor the names of commands. */
function checkOwners(decoded: DaemonFile): readonly Finding[] {
  const told: Finding[] = [];
  decoded.trust.forEach(({ key, operator }, index) => {
    if (decoded.trust.findIndex((other) => other.key === key) === index) return;
    told.push({
      path: ['trust', index, 'key'],
      code: 'duplicate-key',
      message: `The key of ${operator} is already trusted above.`,
      tip: 'Join both lists of what it may do.',
    });
  });
  const taken = Object.keys(decoded.actions).filter((name) => componentCommandSchema.safeParse(name).success);
  for (const name of taken) {
    const message = `An action cannot be called "${name}": that is a command of every component.`;
    told.push({ path: ['actions', name], code: 'reserved-name', message, tip: `Call it ${name}_something.` });
  }
  return told;
}

function checkComponent(path: Path, component: ComponentFile): readonly Finding[] {
  const told: Finding[] = [];
  const { find, start, commands, signals } = component;
  const missing = (key: string, code: string, message: string, tip: string): void =>
    void told.push({ path: [...path, key], code, message, tip });
  if (find?.pidFile !== undefined && find.commandLine !== undefined) {
    missing(
      'find',
      'ambiguous-find',
      `${pathText(path)}.find names both pidFile and commandLine.`,
      'Keep the one that is more certain, mostly pidFile.',
    );
  }
  if (!start && find?.pidFile === undefined && find?.commandLine === undefined) {
    const tip = 'Add find: { pidFile: … }, find: { commandLine: … }, or start: { command: … }.';
    missing('find', 'component-without-process', `${pathText(path)} tells neither how to find its process nor how to start it.`, tip);
  }
  if (commands.includes('start') && !start) {
    missing(
      'commands',
      'start-missing',
      `${pathText(path)} allows the command start but does not say how to start it.`,
      'Add start: { command: [program, argument] }.',
    );
  }
  if ((commands.includes('kill') || commands.includes('signal')) && signals.length === 0) {
    const tip = 'Add signals: [KILL, TERM].';
    missing('commands', 'signals-missing', `${pathText(path)} allows kill or signal but lists no signals.`, tip);
  }
  return [...told, ...component.logs.flatMap((log, index) => checkLog([...path, 'logs', index], log, true))];
}

function checkLog(path: Path, log: Omit<LogFile, 'component'>, owned: boolean): readonly Finding[] {
  const told: Finding[] = [];
  if (log.rules.length === 0 && log.forward !== 'all') {
    const message = `${pathText(path)} has no rules and forwards nothing, so nothing of it is ever seen.`;
    told.push({ path, code: 'useless-log', message, tip: 'Add rules, or forward: all.', severity: 'warning' });
  }
  log.rules.forEach((rule, index) => told.push(...checkRule([...path, 'rules', index], rule, owned)));
  return told;
}

function checkRule(path: Path, rule: LogFile['rules'][number], owned: boolean): readonly Finding[] {
  const told: Finding[] = [];
  if (!rule.state && !rule.metric && !rule.event) {
    told.push({
      path,
      code: 'useless-rule',
      message: `${pathText(path)} makes nothing of the lines it matches.`,
      tip: 'Add state, metric or event.',
    });
  }
  if (!owned && !rule.component && (rule.state || rule.metric)) {
    const tip = 'Add component: to the rule or to the log.';
    told.push({ path, code: 'component-missing', message: `${pathText(path)} gives a state or a metric, but of no component.`, tip });
  }
  const pattern = new LinearPattern(rule.match);
  const templates: readonly (readonly [Path, string | undefined])[] = [
    [['state'], rule.state],
    [['metric', 'value'], rule.metric?.value],
    [['event', 'text'], rule.event?.text],
  ];
  for (const [place, template] of templates) {
    for (const group of templatePlaces(template ?? '')) {
      if (/^\d/.test(group) ? Number(group) <= pattern.groupCount : pattern.names.includes(group)) continue;
      const close = nearestName(group, pattern.names);
      const known = pattern.names.length > 0 ? `Its groups are ${pattern.names.join(', ')}.` : `Name a group with (?P<${group}>…).`;
      const message = `{${group}} is no group of the expression of ${pathText(path)}.`;
      told.push({ path: [...path, ...place], code: 'unknown-group', message, tip: close ? `Did you mean {${close}}?` : known });
    }
  }
  return told;
}

const runOnlyKeys = ['parameters', 'directory', 'environment', 'user', 'result', 'success', 'concurrency', 'background'] as const;

function checkAction(path: Path, action: ActionFile, decoded: DaemonFile): readonly Finding[] {
  if (action.stops !== undefined) return checkStop(path, action, action.stops, decoded);
  if (action.command === undefined) {
    const tip = 'Add command: [program, argument], or stops: name-of-a-background-action.';
    return [{ path, code: 'action-without-command', message: `${pathText(path)} says neither what to run nor what to stop.`, tip }];
  }
  const told: Finding[] = [];
  const parameters = Object.keys(action.parameters ?? {});
  action.command.forEach((word, index) => {
    for (const place of templatePlaces(word)) {
      if (parameters.includes(place)) continue;
      const close = nearestName(place, parameters);
      const tip = close ? `Did you mean {${close}}?` : `Add it under parameters, or write {{${place}}} for the text itself.`;
      told.push({
        path: [...path, 'command', index],
        code: 'unknown-parameter',
        message: `{${place}} is no parameter of ${pathText(path)}.`,
        tip,
      });
    }
  });
  if (/\{/.test(action.command[0] ?? '') && templatePlaces(action.command[0] ?? '').length > 0) {
    told.push({
      path: [...path, 'command', 0],
      code: 'program-from-parameter',
      message: `The program of ${pathText(path)} comes from a parameter.`,
      tip: 'Name the program itself; parameters may fill its arguments.',
    });
  }
  for (const [name, parameter] of Object.entries(action.parameters ?? {}))
    told.push(...checkParameter([...path, 'parameters', name], parameter));
  return told;
}

function checkStop(path: Path, action: ActionFile, stops: string, decoded: DaemonFile): readonly Finding[] {
  const told: Finding[] = [];
  const target = Object.hasOwn(decoded.actions, stops) ? decoded.actions[stops] : undefined;
  const background = Object.entries(decoded.actions)
    .filter(([, each]) => each.background)
    .map(([name]) => name);
  if (!target?.background) {
    const close = nearestName(stops, background);
    const what = target ? `"${stops}", which does not go on in the background` : `"${stops}", which is not there`;
    const tip = close && close !== stops ? `Did you mean "${close}"?` : 'Give that action background: { ready: … }.';
    told.push({ path: [...path, 'stops'], code: 'unknown-action', message: `${pathText(path)} stops ${what}.`, tip });
  }
  const superfluous = [...runOnlyKeys, 'command' as const].filter((key) => action[key] !== undefined);
  for (const key of superfluous) {
    const message = `${pathText(path)} stops another action, so "${key}" has no meaning.`;
    told.push({ path: [...path, key], code: 'superfluous-key', message, tip: 'Take it out, or take "stops" out.' });
  }
  return told;
}

/** Keys and certificates must be there; folders and programs are worth a warning, since a deployment may bring them later. */
async function checkFiles(decoded: DaemonFile, folder: string): Promise<readonly Finding[]> {
  const told: (Finding | undefined)[] = [];
  const secrets: readonly (readonly [Path, string | undefined])[] = [
    [['key'], decoded.key],
    [['tls', 'ca'], decoded.tls?.ca],
    [['tls', 'certificate'], decoded.tls?.certificate],
    [['tls', 'key'], decoded.tls?.key],
  ];
  for (const [path, file] of secrets) if (file !== undefined) told.push(await checkReadable(path, resolve(folder, file)));
  for (const [name, component] of Object.entries(decoded.components)) {
    if (component.start) told.push(await checkProgram(['components', name, 'start'], component.start, folder));
  }
  for (const [name, action] of Object.entries(decoded.actions)) told.push(await checkProgram(['actions', name], action, folder));
  for (const [name, path] of Object.entries(decoded.worker?.folders ?? {})) {
    told.push(await checkFolder(['worker', 'folders', name], resolve(folder, path)));
  }
  return told.filter((each) => each !== undefined);
}

async function checkReadable(path: Path, file: string): Promise<Finding | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) {
    const readable = await access(file, 4).then(
      () => true,
      () => false,
    );
    return readable
      ? undefined
      : {
          path,
          code: 'unreadable-file',
          message: `The file ${file} cannot be read.`,
          tip: 'Let the user that the daemon runs as read it.',
        };
  }
  return {
    path,
    code: 'missing-file',
    message: `The file ${file} is not there.`,
    tip: 'Relative paths start at the folder of this configuration.',
  };
}

async function checkFolder(path: Path, folder: string): Promise<Finding | undefined> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) return undefined;
  const tip = 'It must be there before this is started.';
  return { path, code: 'missing-folder', message: `The folder ${folder} is not there.`, tip, severity: 'warning' };
}

async function checkProgram(
  path: Path,
  start: { readonly command?: readonly string[] | undefined; readonly directory?: string | undefined },
  folder: string,
): Promise<Finding | undefined> {
  const directory = resolve(folder, start.directory ?? '.');
  const missing = await checkFolder([...path, 'directory'], directory);
  if (missing) return missing;
  const program = start.command?.[0];
  if (!program || (await isProgram(program, directory))) return undefined;
  const message = `The program ${program} is not there.`;
  return {
    path: [...path, 'command', 0],
    code: 'missing-program',
    message,
    tip: 'Install it, or write its whole path.',
    severity: 'warning',
  };
}

async function isProgram(program: string, directory: string): Promise<boolean> {
  const candidates =
    program.includes('/') || isAbsolute(program)
      ? [resolve(directory, program)]
      : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  for (const candidate of candidates)
    if (
      await access(candidate, 1).then(
        () => true,
        () => false,
      )
    )
      return true;
  return process.platform === 'win32';
}

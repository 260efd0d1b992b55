/**
 * Workspaces made of templates (the demo exchange, an example). What the user works on lasts: scenarios, the environment file,
 * the configuration of the daemons with its placeholders. What one start needs for itself is made anew in a temporary folder:
 * that configuration with ports, keys and paths filled in, and what the processes write. Several can run side by side.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { componentNameSchema, daemonNameSchema, environmentNameSchema } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import { withPlacesFilled, withWhereabouts, type Whereabouts } from './demo-environment-file.ts';
import type { DemoPlace } from './demo-place.ts';
import { daemonKeys, operatorKey, portsOf } from './demo-identity.ts';
import { layDown, textAt, textsIn, type ShippedFile } from './shipped-files.ts';

/** `template.yaml`: what an environment made of this folder consists of. */
const templateSchema = z.strictObject({
  title: z.string(),
  /** Name of the folder in which its workspace lasts. */
  folder: z.string().regex(/^[a-z0-9-]+$/),
  environment: environmentNameSchema,
  operator: z.string(),
  /** Each has its configuration in daemons/NAME.yaml. */
  daemons: z.array(daemonNameSchema).min(1),
  /** Further environments on the same router, with their daemons: what campaigns test. They come up when the environment is ready. */
  servers: z.record(environmentNameSchema, z.array(daemonNameSchema).min(1)).default({}),
  /** Names of ports to find; `{{name-port}}` stands for one in the files. `router` must be among them. */
  ports: z.array(z.string()).refine((ports) => ports.includes('router'), 'a port named router is needed'),
  /** Release candidates to choose from; the first is taken unless told. Without them, the environment file says what the release is. */
  releases: z.array(z.string()).default([]),
  /** Programs that must be installed, with the Debian package that brings each. */
  programs: z.record(z.string(), z.string()).default({}),
  /** Components to start, in order, those of an inner list together; and the states that say that the environment is ready. */
  start: z.array(z.union([componentNameSchema, z.array(componentNameSchema)])),
  ready: z.record(z.string(), z.string()),
  /** Scenario to run unless told. */
  scenario: z.string(),
});
export type Template = z.infer<typeof templateSchema>;

export interface TemplateWorkspace {
  readonly template: Template;
  /** Lasts. */
  readonly folder: string;
  /** Of this start alone: configuration, keys, logs and state of its processes. */
  readonly processes: string;
  readonly environmentFile: string;
  readonly routerFile: string;
  readonly daemonFiles: ReadonlyMap<string, string>;
  /** Of the daemons of servers. */
  readonly serverDaemonFiles: ReadonlyMap<string, string>;
  /** Null where the environment file says it. */
  readonly release: string | null;
  /** What the user should know of the workspace. */
  readonly notices: readonly Problem[];
}

export async function readTemplate(folder: string): Promise<Template> {
  const file = join(folder, templateFile);
  if (!existsSync(file)) {
    throw new ProblemError({ code: 'no-template', file, message: 'There is no such file, so no environment can be made of this folder.' });
  }
  return templateSchema.parse(parse(await readFile(file, 'utf8')));
}

/** Where a program is, as the PATH says; undefined when it is not installed. */
function programPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'].filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Programs that the template needs and this machine does not have. */
export function missingPrograms(template: Template): readonly { readonly program: string; readonly debianPackage: string }[] {
  return Object.entries(template.programs)
    .filter(([program]) => programPath(program) === undefined)
    .map(([program, debianPackage]) => ({ program, debianPackage }));
}

/** Replaces `{{name}}` in a text; `file` is where it stands. */
function fillIn(text: string, values: Readonly<Record<string, string>>, file: string): string {
  return text.replace(/\{\{([a-z0-9-]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new ProblemError({ code: 'bad-template', file, message: `{{${name}}} stands for nothing known.` });
    return value;
  });
}

/** The release candidate that is brought up; null where the environment file says it. */
function chosenRelease(template: Template, release: string | undefined): string | null {
  const chosen = release ?? template.releases[0] ?? null;
  if (chosen === null || template.releases.includes(chosen)) return chosen;
  throw new ProblemError({
    code: 'unknown-release',
    message: `There is no release ${chosen} here.`,
    tip:
      template.releases.length > 0
        ? `Choose one of: ${template.releases.join(', ')}.`
        : 'It cannot be chosen: what is installed is what runs.',
  });
}

const templateFile = 'template.yaml';
const environmentName = 'environment.yaml';
/** Folders of a template whose files are used where they last; of the others each start has a copy of its own, with everything filled in. */
const lastingFolders: readonly string[] = ['campaigns', 'scenarios', 'servers', 'suites', 'tests'];

export interface WorkspaceMaking {
  /** Holds the template; `{{resources}}` in its files stands for the folder above it, where the programs of the environment are. */
  readonly source: string;
  readonly place: DemoPlace;
  /** An empty folder for what this start needs. */
  readonly processes: string;
  readonly release: string | undefined;
}

/** Brings the lasting workspace up to date, and makes of it what one start needs. */
export async function layOutWorkspace({ source, place, processes, release }: WorkspaceMaking): Promise<TemplateWorkspace> {
  const template = await readTemplate(source);
  const chosen = chosenRelease(template, release);
  const { folder, own } = place;
  const shipped = new Map([...(await textsIn(source))].filter(([path]) => path !== templateFile));
  const [ports, operator, keys] = await Promise.all([
    portsOf(template.ports, own),
    operatorKey(own, template.operator),
    daemonKeys(join(processes, 'keys'), [...template.daemons, ...Object.values(template.servers).flat()]),
  ]);
  const whereabouts: Whereabouts = {
    environment: template.environment,
    router: `nats://127.0.0.1:${ports['router']}`,
    operator: { name: template.operator, key: relative(folder, operator.file) },
    release: chosen,
  };
  const values = {
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${name}-port`, String(port)])),
    ...Object.fromEntries(Object.keys(template.programs).map((program) => [program, programPath(program) ?? program])),
    router: whereabouts.router,
    operator: operator.publicKey,
    'operator-key': whereabouts.operator.key,
    node: process.execPath,
    resources: dirname(source),
    folder: processes,
    workspace: folder,
    ...(chosen !== null && { release: chosen }),
  };
  const environmentFile = join(folder, environmentName);
  const notices = await layDown(
    folder,
    own,
    [...shipped].map(([path, text]): ShippedFile => {
      if (path !== environmentName) return lastingFile(path, text, values);
      const adapt = (present: string): string => withWhereabouts(present, whereabouts, environmentFile);
      return { path, text: fillIn(text, values, environmentFile), origin: text, needed: true, adapt };
    }),
  );
  for (const each of ['logs', 'run', 'data']) await mkdir(join(processes, each), { recursive: true });
  for (const [path, text] of shipped) {
    if (path === environmentName || lasts(path)) continue;
    // As the user has it; where it was deleted, as it came.
    const used = (await textAt(folder, path)) ?? text;
    await mkdir(dirname(join(processes, path)), { recursive: true });
    await writeFile(join(processes, path), fillIn(used, values, join(folder, path)));
  }
  const users = usersOf(template, operator.publicKey, keys);
  const routerFile = join(processes, 'router.yaml');
  await writeFile(routerFile, stringify({ listen: `127.0.0.1:${ports['router']}`, users }));
  const filesOf = (daemons: readonly string[]): ReadonlyMap<string, string> =>
    new Map(daemons.map((daemon) => [daemon, join(processes, 'daemons', `${daemon}.yaml`)]));
  return {
    template,
    folder,
    processes,
    environmentFile,
    routerFile,
    daemonFiles: filesOf(template.daemons),
    serverDaemonFiles: filesOf(Object.values(template.servers).flat()),
    release: chosen,
    notices: [...place.notices, ...notices],
  };
}

/** A file that is used where it lasts; what it names in double braces is put in at each start, around which it is the user's. */
function lastingFile(path: string, text: string, values: Readonly<Record<string, string>>): ShippedFile {
  if (!lasts(path) || !path.endsWith('.yaml') || !text.includes('{{')) return { path, text };
  const fill = (part: string): string => fillIn(part, values, path);
  return { path, text: fill(text), origin: text, adapt: (present) => withPlacesFilled(present, text, fill) };
}

function lasts(path: string): boolean {
  return lastingFolders.some((folder) => path.startsWith(`${folder}/`));
}

/** Who may connect to the router, and where: the operator everywhere, each daemon in its own environment. */
function usersOf({ environment, servers, operator }: Template, operatorKey: string, keys: ReadonlyMap<string, string>) {
  const environmentOf = new Map<string, string>(Object.entries(servers).flatMap(([server, own]) => own.map((daemon) => [daemon, server])));
  return [
    { name: operator, key: operatorKey, role: 'operator', environment: [environment, ...Object.keys(servers)] },
    ...[...keys].map(([name, key]) => ({ name, key, role: 'daemon', environment: environmentOf.get(name) ?? environment })),
  ];
}

/**
 * Workspaces made of templates: a copy of a folder (the demo exchange, an example) with the ports, keys and paths of this
 * one start filled in. Several can run side by side, each in its own folder on its own ports.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { newKey, writeKeyFile } from '#network/bus/keys.ts';
import { componentNameSchema, daemonNameSchema, environmentNameSchema } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

/** `template.yaml`: what an environment made of this folder consists of. */
const templateSchema = z.strictObject({
  title: z.string(),
  environment: environmentNameSchema,
  operator: z.string(),
  /** Each has its configuration in daemons/NAME.yaml. */
  daemons: z.array(daemonNameSchema).min(1),
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
  readonly folder: string;
  readonly environmentFile: string;
  readonly routerFile: string;
  readonly daemonFiles: ReadonlyMap<string, string>;
  /** Null where the environment file says it. */
  readonly release: string | null;
}

export async function readTemplate(folder: string): Promise<Template> {
  const file = join(folder, 'template.yaml');
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

/** Ports of 127.0.0.1 that nothing listens on now; all are held until all are found, so that they differ. */
async function freePorts(names: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const found = await Promise.all(
    names.map(
      (name) =>
        new Promise<{ readonly name: string; readonly port: number; readonly release: () => void }>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            if (address === null || typeof address === 'string') reject(new Error('The free port has no number.'));
            else resolve({ name, port: address.port, release: () => server.close() });
          });
        }),
    ),
  );
  for (const { release } of found) release();
  return Object.fromEntries(found.map(({ name, port }) => [name, port]));
}

/** Makes keys for the operator and the daemons; secrets go to files only their owner can read. Returns the public keys. */
async function makeKeys(folder: string, users: readonly string[]): Promise<ReadonlyMap<string, string>> {
  await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  const keys = new Map<string, string>();
  for (const user of users) {
    const key = newKey();
    await writeKeyFile(join(folder, 'keys', `${user}.seed`), key.seed);
    keys.set(user, key.publicKey);
  }
  return keys;
}

/** Replaces `{{name}}` in the configuration files of a folder. */
async function fillIn(folder: string, values: Readonly<Record<string, string>>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.(yaml|conf)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8');
    const filled = text.replace(/\{\{([a-z0-9-]+)\}\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new ProblemError({ code: 'bad-template', file, message: `{{${name}}} stands for nothing known.` });
      return value;
    });
    await writeFile(file, filled);
  }
}

/**
 * Lays a workspace out in a folder. `source` holds the template; `{{resources}}` in its files stands for the folder above
 * it, where the programs of the environment are.
 */
export async function layOutWorkspace(source: string, folder: string, release: string | undefined): Promise<TemplateWorkspace> {
  const template = await readTemplate(source);
  const chosen = release ?? template.releases[0] ?? null;
  if (chosen !== null && !template.releases.includes(chosen)) {
    throw new ProblemError({
      code: 'unknown-release',
      message: `There is no release ${chosen} here.`,
      tip:
        template.releases.length > 0
          ? `Choose one of: ${template.releases.join(', ')}.`
          : 'It cannot be chosen: what is installed is what runs.',
    });
  }
  await cp(source, folder, { recursive: true });
  for (const each of ['logs', 'run', 'data']) await mkdir(join(folder, each), { recursive: true });
  const users = [template.operator, ...template.daemons];
  const [ports, keys] = await Promise.all([freePorts(template.ports), makeKeys(folder, users)]);
  const router = `nats://127.0.0.1:${ports['router']}`;
  await fillIn(folder, {
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${name}-port`, String(port)])),
    ...Object.fromEntries(Object.keys(template.programs).map((program) => [program, programPath(program) ?? program])),
    router,
    operator: keys.get(template.operator) ?? '',
    node: process.execPath,
    resources: join(source, '..'),
    folder,
    ...(chosen !== null && { release: chosen }),
  });
  const routerFile = join(folder, 'router.yaml');
  const routerUsers = [...keys].map(([name, key]) => ({
    name,
    key,
    role: name === template.operator ? 'operator' : 'daemon',
    environment: template.environment,
  }));
  await writeFile(routerFile, stringify({ listen: `127.0.0.1:${ports['router']}`, users: routerUsers }));
  return {
    template,
    folder,
    environmentFile: join(folder, 'environment.yaml'),
    routerFile,
    daemonFiles: new Map(template.daemons.map((daemon) => [daemon, join(folder, 'daemons', `${daemon}.yaml`)])),
    release: chosen,
  };
}

/** What `testops serve` is told to serve: `--workspace [name=]folder` and `--environment [name=]file`. */
import { realpath, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { servedSchema, type Served } from '#main/core/served/served-places.ts';
import { loadEnvironment } from '#main/core/environments/environment-file.ts';
import { ProblemError } from '#shared/problem.ts';

/** Reads the options; what is not there, cannot be used, or has a name twice is refused. */
export async function servedOf(workspaces: readonly string[], environments: readonly string[]): Promise<Served> {
  const served = {
    workspaces: await Promise.all(workspaces.map(workspaceOf)),
    environments: await Promise.all(environments.map(environmentOf)),
  };
  refuseTwice(
    '--workspace',
    served.workspaces.map(({ name }) => name),
  );
  refuseTwice(
    '--environment',
    served.environments.map(({ name }) => name),
  );
  return served;
}

/** What is served, in lines for whoever serves it. */
export function toldAs({ workspaces, environments }: Served): readonly string[] {
  if (workspaces.length + environments.length === 0) {
    return ['Consoles see the runs of its archive; no workspace or environment is served (--workspace, --environment).'];
  }
  return [
    ...workspaces.map(({ name, folder }) => `Workspace ${name}: ${folder}`),
    ...environments.map(({ name, file }) => `Environment ${name}: ${file}`),
  ];
}

async function workspaceOf(option: string): Promise<Served['workspaces'][number]> {
  const { name, path } = parted(option);
  const folder = await realpath(path).catch(() => path);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new ProblemError({
      code: 'no-such-workspace',
      file: path,
      message: 'There is no such folder.',
      tip: 'Name one with --workspace.',
    });
  }
  return { name: nameFor('--workspace', name ?? basename(folder), option), folder };
}

async function environmentOf(option: string): Promise<Served['environments'][number]> {
  const { name, path } = parted(option);
  const environment = await loadEnvironment(path);
  return { name: nameFor('--environment', name ?? environment.name, option), file: path };
}

/** `name=path`, or a path alone; a path with `=` is written with `./` before it. */
function parted(option: string): { readonly name: string | null; readonly path: string } {
  const match = /^([A-Za-z0-9][\w.-]*)=(.+)$/s.exec(option);
  return { name: match?.[1] ?? null, path: resolve(match?.[2] ?? option) };
}

function nameFor(what: string, name: string, option: string): string {
  if (servedSchema.shape.workspaces.element.shape.name.safeParse(name).success) return name;
  throw new ProblemError({
    code: 'bad-served-name',
    message: `'${name}' is no name for ${what} ${option}; it holds letters, digits, _, - and . (64 at most).`,
    tip: `Give it one: ${what} name=${option}.`,
  });
}

function refuseTwice(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new ProblemError({
    code: 'served-twice',
    message: `Two of ${what} are named ${twice}.`,
    tip: `Give them names of their own: ${what} name=path.`,
  });
}

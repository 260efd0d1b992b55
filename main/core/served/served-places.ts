/**
 * What a served core lets consoles of other machines reach: the workspaces and environments that were named when it was
 * started, and nothing else of its machine. Every path that such a console sends is decided here.
 */
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { placeIn, workspaceRoot, type WorkspacePlace } from '../workspace/paths.ts';
import { loadEnvironment, type Environment } from '../environments/environment-file.ts';
import { scenarioExtension } from '../workspace/scenario-folder.ts';
import { ProblemError } from '#shared/problem.ts';

const servedName = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/);

/** What is named at the start: by the name that consoles use, and by its absolute path. */
export const servedSchema = z.object({
  workspaces: z.array(z.object({ name: servedName, folder: z.string().min(1) })),
  environments: z.array(z.object({ name: servedName, file: z.string().min(1) })),
});
export type Served = z.infer<typeof servedSchema>;

export const nothingServed: Served = { workspaces: [], environments: [] };

/** What a remote console may write: texts that people read or that a run executes under the operator's eyes, nothing that a program is set up by. */
const writable = /\.(scn|md|txt)$/i;
/** An operator's seed, or a private key in PEM form. */
const keyText = /\bSU[A-Z2-7]{56}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** Longer files are not shown to consoles. */
const longestText = 4_000_000;
/** Folders whose files decide what programs do. */
const governing = new Set(['plugins', 'daemons']);

export class ServedPlaces {
  private readonly served: Served;

  constructor(served: Served) {
    this.served = served;
  }

  /** Names of the workspaces, in the order in which they were named. */
  get workspaceNames(): readonly string[] {
    return this.served.workspaces.map(({ name }) => name);
  }

  /** A served workspace, by its name or by the path that it was told as; the answer is its folder with all links followed. */
  async workspace(given: string): Promise<string> {
    for (const { name, folder } of this.served.workspaces) {
      const root = await workspaceRoot(folder);
      if (given === name || (isAbsolute(given) && [folder, root].includes(resolve(given)))) return root;
    }
    throw this.notServed('workspace', given, this.workspaceNames);
  }

  /** A served environment, by its name or the path of its file; the answer is the path that it was named by at the start. */
  async environment(given: string): Promise<string> {
    for (const { name, file } of this.served.environments) {
      if (given === name || (isAbsolute(given) && [file, await realpath(file).catch(() => file)].includes(resolve(given)))) return file;
    }
    throw this.notServed(
      'environment',
      given,
      this.served.environments.map(({ name }) => name),
    );
  }

  /** The environments by their files. */
  environments(): readonly { readonly name: string; readonly file: string }[] {
    return this.served.environments;
  }

  /** A scenario of a served workspace, as `name/path` or by its absolute path; the answer is where it is with all links followed. */
  async scenario(given: string): Promise<string> {
    for (const { name, folder } of this.served.workspaces) {
      const root = await workspaceRoot(folder);
      for (const beginning of [`${name}/`, ...[folder, root].map((each) => each.replace(/[\\/]*$/, sep))]) {
        if (!given.startsWith(beginning)) continue;
        const { file } = await this.readable(root, given.slice(beginning.length));
        if (file.endsWith(scenarioExtension)) return file;
        throw refused(given, 'is no scenario', `Name a file whose name ends in ${scenarioExtension}.`);
      }
    }
    throw this.notServed('workspace that holds', given, this.workspaceNames);
  }

  /** A place in a workspace (its folder as {@link workspace} tells it) whose text a remote console may see. */
  async readable(root: string, path: string): Promise<WorkspacePlace> {
    const place = await placeIn(root, path);
    const secrets = (await this.governed()).flatMap((each) => each.secrets);
    if (secrets.includes(place.file) || (await holdsKey(place.file))) {
      throw refused(path, 'is a key, which is shown to nobody', 'Its owner has it on the core’s machine.');
    }
    return place;
  }

  /** A place in a workspace that a remote console may write, rename or remove. */
  async editable(root: string, path: string): Promise<WorkspacePlace> {
    const place = await this.readable(root, path);
    const tip = 'Scenarios (*.scn), *.md and *.txt can be changed from here; the rest on the core’s machine.';
    for (const name of [place.path, place.file]) {
      if (!writable.test(name))
        throw refused(path, 'decides what programs on the core’s machine do, or may; it cannot be changed from here', tip);
    }
    const within = place.file.slice(root.length).split(sep);
    if ([...within, ...place.path.split('/')].some((part) => governing.has(part.toLowerCase()))) {
      throw refused(path, 'stands in a folder of plugins or daemons, which cannot be changed from here', tip);
    }
    for (const { files, folders } of await this.governed()) {
      if (files.includes(place.file) || folders.some((folder) => isWithin(folder, place.file))) {
        throw refused(path, 'belongs to an environment’s settings, which cannot be changed from here', tip);
      }
    }
    return place;
  }

  /** Names that the environments give themselves. */
  async environmentNames(): Promise<ReadonlySet<string>> {
    return new Set((await this.loaded()).map(({ name }) => name));
  }

  /** The files of environments that give themselves this name. */
  async environmentsNamed(wanted: string): Promise<readonly string[]> {
    const found = await Promise.all(
      this.served.environments.map(async ({ file }) => ({ file, name: (await loadEnvironment(file).catch(() => null))?.name })),
    );
    return found.filter(({ name }) => name === wanted).map(({ file }) => file);
  }

  /** A campaign file of a served workspace, as `name/path` or by its absolute path. */
  async campaign(given: string): Promise<string> {
    for (const { name, folder } of this.served.workspaces) {
      const root = await workspaceRoot(folder);
      for (const beginning of [`${name}/`, ...[folder, root].map((each) => each.replace(/[\\/]*$/, sep))]) {
        if (!given.startsWith(beginning)) continue;
        const { path } = await this.readable(root, given.slice(beginning.length));
        if (!/^campaigns\/[^/]+\.ya?ml$/.test(path))
          throw refused(given, 'is no campaign file', 'Campaign files stand in the folder campaigns of the workspace.');
        await this.campaignTexts(root);
        return join(root, path);
      }
    }
    throw this.notServed('workspace that holds', given, this.workspaceNames);
  }

  /** Refuses a workspace (its folder as {@link workspace} tells it) of which a suite, a campaign file or the quarantine stands elsewhere; and a path that is none of them. */
  async campaignTexts(root: string, written?: string): Promise<void> {
    if (written !== undefined && !/^(?:(?:suites|campaigns)\/[^/.][^/]*\.ya?ml|quarantine\.yaml)$/.test(written))
      throw refused(
        written,
        'is neither a suite, nor a campaign, nor the quarantine',
        'They stand in suites/*.yaml, campaigns/*.yaml and quarantine.yaml.',
      );
    for (const folder of ['suites', 'campaigns']) {
      // A folder that is not there holds none.
      const names = await readdir(join(root, folder)).catch(() => []);
      for (const name of names) if (/^[^.].*\.ya?ml$/.test(name)) await this.readable(root, `${folder}/${name}`);
    }
    await this.readable(root, 'quarantine.yaml');
  }

  /** What a suite is made a package of: within a served workspace, and without a key of a served environment. */
  async packaged(given: string): Promise<void> {
    const place = await followed(given);
    if ((await this.workspaceAround(place)) === null) {
      throw refused(
        given,
        'is the package of a suite and stands outside of what is served',
        'Whoever serves this core may serve its folder too.',
      );
    }
    if ((await this.governed()).some(({ secrets }) => secrets.some((secret) => isWithin(place, secret)))) {
      throw refused(given, 'is the package of a suite and holds a key', 'Keep keys outside of the folders that are delivered to workers.');
    }
  }

  /** Where a campaign writes its results: within a served workspace, and not into what programs are set up by. */
  async written(given: string): Promise<void> {
    const place = await followedAsFar(given);
    const root = await this.workspaceAround(place);
    if (root === null) {
      throw refused(given, 'is where results are written and stands outside of what is served', 'Name a folder of the workspace.');
    }
    const decides = (await this.governed()).some(
      ({ files, folders }) => files.includes(place) || folders.some((folder) => isWithin(folder, place)),
    );
    if (
      decides ||
      place
        .slice(root.length)
        .split(sep)
        .some((part) => governing.has(part.toLowerCase()) || part.startsWith('.'))
    ) {
      throw refused(given, 'is where results are written and decides what programs do', 'Name a folder of its own.');
    }
  }

  /** The quarantine beside a served environment file, where that is a file of a served workspace. */
  async quarantine(environmentFile: string): Promise<void> {
    const file = join(await followed(dirname(environmentFile)), 'quarantine.yaml');
    if ((await followedAsFar(file)) !== file || (await this.workspaceAround(file)) === null)
      throw refused(file, 'stands outside of what is served', 'Change it on the core’s machine: testops quarantine.');
  }

  /** The served workspace in which a place is. */
  private async workspaceAround(place: string): Promise<string | null> {
    for (const { folder } of this.served.workspaces) {
      const root = await followed(folder);
      if (isWithin(root, place)) return root;
    }
    return null;
  }

  /** Whether a file (links followed) may be read as a scenario that another one calls. */
  async holdsScenario(file: string): Promise<boolean> {
    const roots = this.served.workspaces.map(({ folder }) => folder);
    const folders = (await this.loaded()).map(({ scenariosFolder }) => scenariosFolder);
    for (const folder of [...roots, ...folders]) if (isWithin(await followed(folder), file)) return true;
    return false;
  }

  /** What the served environments are set up by. */
  private async governed(): Promise<readonly { readonly secrets: string[]; readonly files: string[]; readonly folders: string[] }[]> {
    return Promise.all(
      (await this.loaded()).map(async ({ file, operator, tls, pinFile, pluginsFolder }) => {
        const secrets = await Promise.all([operator.keyFile, ...(tls?.key === undefined ? [] : [tls.key])].map(followed));
        const others = [file, pinFile, tls?.ca, tls?.certificate].filter((each) => each !== undefined);
        return { secrets, files: [...secrets, ...(await Promise.all(others.map(followed)))], folders: [await followed(pluginsFolder)] };
      }),
    );
  }

  /** An environment whose file cannot be used now names nothing; it stays protected by its own name. */
  private async loaded(): Promise<readonly Environment[]> {
    const found = await Promise.all(this.served.environments.map(({ file }) => loadEnvironment(file).catch(() => null)));
    return found.flatMap((each) => each ?? []);
  }

  private notServed(what: string, given: string, names: readonly string[]): ProblemError {
    return new ProblemError({
      code: 'not-served',
      message: `This core serves no ${what} ${given.slice(0, 200)}.`,
      tip:
        names.length > 0
          ? `It serves ${names.join(', ')}.`
          : 'Whoever serves it names workspaces with --workspace and environments with --environment.',
    });
  }
}

/** Whether a key lies about under a name that does not say so. */
async function holdsKey(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile() || found.size > longestText) return false;
  return keyText.test(await readFile(file, 'latin1'));
}

/** With all links followed, where it is there. */
function followed(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

/** With all links of its existing part followed. A link that leads to nothing counts as a place that is served nowhere. */
async function followedAsFar(path: string): Promise<string> {
  const known = await realpath(path).catch(() => null);
  if (known !== null) return known;
  const folder = dirname(path);
  const isLink = await lstat(path).then(
    (status) => status.isSymbolicLink(),
    () => false,
  );
  if (isLink || folder === path) return sep;
  return join(await followedAsFar(folder), path.slice(folder.length));
}

function isWithin(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function refused(path: string, why: string, tip: string): ProblemError {
  return new ProblemError({ code: 'not-from-here', message: `${path} ${why}.`, tip, file: path });
}

/** Scenarios as files: reads a scenario and everything it calls, as one program with its texts and problems. */
import { createHash } from 'node:crypto';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { readScenarioFile, scenarioExtension, Workspace, type MayRead } from './scenario-folder.ts';
import { nameFault, namePattern, nameRule } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { callsOf, linkProgram, maximumScenarios } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import type { ParsedScenario, Program, Scenario, ScenarioProblem } from '#shared/scenario/syntax.ts';

export interface ScenarioSource {
  readonly name: string;
  readonly program: Program;
  /** Texts by scenario name. */
  readonly texts: Readonly<Record<string, string>>;
  /** SHA-256 of the root scenario's text, hexadecimal. */
  readonly hash: string;
  readonly title: string | null;
  readonly tags: readonly string[];
  /** Problems of language and linking; `file` is the path of the scenario. */
  readonly problems: readonly ScenarioProblem[];
  /** Names of the scenarios around, which `call` may use. */
  readonly neighbours: readonly string[];
  /** Path of a scenario that is part of the program, for problems that name it. */
  fileOf(scenario: string): string;
}

interface LoadedScenario {
  readonly file: string;
  readonly text: string;
  readonly parsed: ParsedScenario;
}

/**
 * Reads the scenario of a file. Those that it calls are looked for beside it, and then in `folder`. A scenario that has a draft
 * is taken from there, and its file left unread. Rejects with a {@link ProblemError} when the file itself cannot be read.
 * `mayRead`: which files may be read at all.
 */
export async function readScenario(file: string, folder: string | null, mayRead?: MayRead, drafts: Texts = {}): Promise<ScenarioSource> {
  const path = resolve(file);
  const name = nameOf(path);
  return sourceOf(path, folder, { [name]: draftOf(drafts, name) ?? (await readScenarioFile(path, mayRead)) }, mayRead, drafts);
}

type Texts = Readonly<Record<string, string>>;

const draftOf = (drafts: Texts, name: string): string | undefined => (Object.hasOwn(drafts, name) ? drafts[name] : undefined);

/**
 * The scenario of a file as it would be with other texts than those on the disk: those of a run, changed by an operator.
 * What they call besides is read from the disk.
 */
export function scenarioWithTexts(
  file: string,
  folder: string | null,
  texts: Readonly<Record<string, string>>,
  mayRead?: MayRead,
): Promise<ScenarioSource> {
  return sourceOf(resolve(file), folder, texts, mayRead);
}

async function sourceOf(path: string, folder: string | null, given: Texts, mayRead?: MayRead, drafts: Texts = {}): Promise<ScenarioSource> {
  const name = nameOf(path);
  const workspace = Workspace.of(path, folder, mayRead);
  const text = given[name] ?? '';
  const loaded = new Map<string, LoadedScenario>();
  for (const [each, content] of Object.entries(given)) {
    const beside = each === name ? path : join(dirname(path), `${each}${scenarioExtension}`);
    loaded.set(each, { file: beside, text: content, parsed: parseScenario(each, content) });
  }
  await loadCalled(workspace, loaded, drafts, dirname(path));
  const neighbours = await workspace.scenarios();
  const { program, problems } = linkProgram(name, (wanted) => loaded.get(wanted)?.parsed, neighbours);
  const frontMatter = program.scenarios.get(name)?.frontMatter;
  const fileOf = (scenario: string): string => loaded.get(scenario)?.file ?? path;
  return {
    name,
    program,
    texts: Object.fromEntries([...loaded].map(([each, { text }]) => [each, text])),
    hash: createHash('sha256').update(text).digest('hex'),
    title: frontMatter?.title ?? null,
    tags: frontMatter?.tags ?? [],
    problems: [...remarkOnOtherFile(path, program.scenarios.get(name)), ...problems].map((problem) => ({
      ...problem,
      file: fileOf(problem.file ?? name),
    })),
    neighbours,
    fileOf,
  };
}

/** To the parser any text is a list of commands; one that is named like something else, and has no statement, hardly is a scenario. */
function remarkOnOtherFile(path: string, scenario: Scenario | undefined): readonly ScenarioProblem[] {
  const statements = scenario?.lines.flatMap(({ statement }) => (statement ? [statement] : [])) ?? [];
  const [first] = statements;
  const isOther = extname(path) !== scenarioExtension && statements.every(({ kind }) => kind === 'command' || kind === 'invalid');
  if (!first || !isOther) return [];
  return [
    {
      severity: 'warning',
      code: 'no-scenario',
      message: `${basename(path)} is hardly a scenario: its name does not end in ${scenarioExtension}, and no line of it is a statement of the language.`,
      tip: `Choose a file whose name ends in ${scenarioExtension}.`,
      range: first.range,
    },
  ];
}

/** Follows the calls; a scenario that is nowhere is left to the linker to tell of. */
async function loadCalled(workspace: Workspace, loaded: Map<string, LoadedScenario>, drafts: Texts, beside: string): Promise<void> {
  const waiting = [...loaded.values()];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for (const { text: called } of callsOf(next.parsed.scenario)) {
      if (loaded.has(called) || loaded.size >= maximumScenarios || !namePattern.test(called)) continue;
      const found = await workspace.scenario(called);
      const text = draftOf(drafts, called) ?? found?.text;
      if (text === undefined) continue;
      const scenario = { file: found?.file ?? join(beside, `${called}${scenarioExtension}`), text, parsed: parseScenario(called, text) };
      loaded.set(called, scenario);
      waiting.push(scenario);
    }
  }
}

/** A program made of texts that were kept, for a run whose files may be gone. */
export function programOfTexts(root: string, texts: Readonly<Record<string, string>>): Program {
  const load = (name: string): ParsedScenario | undefined => {
    const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
    return text === undefined ? undefined : parseScenario(name, text);
  };
  return linkProgram(root, load).program;
}

function nameOf(path: string): string {
  const name = basename(path, extname(path));
  if (namePattern.test(name)) return name;
  throw new ProblemError({
    code: 'bad-scenario-name',
    message: `'${name}' is no name for a scenario: it ${nameFault(name)}, but ${nameRule}.`,
    tip: 'Rename the file.',
    file: path,
  });
}

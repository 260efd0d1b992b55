/** A run of a scenario text with fakes around it, for the engine's tests. */
import { FakeLink, ManualClock, MemoryJournal, daemon, newCommandId } from './fakes.ts';
import type { Limit } from '#main/core/engine/limit-watch.ts';
import { unknownResult } from '#main/core/engine/dry-surroundings.ts';
import { RunEngine } from '#main/core/engine/run-engine.ts';
import type { CommandResolver } from '#main/core/engine/surroundings.ts';
import type { PluginHost } from '#main/core/ports.ts';
import { ProblemError } from '#shared/problem.ts';
import type { FailurePolicy } from '#shared/scenario/machine-words.ts';
import { startMachine } from '#shared/scenario/machine.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import type { Program, Scenario } from '#shared/scenario/syntax.ts';

export interface HarnessOptions {
  readonly others?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly policy?: FailurePolicy;
  readonly breakpoints?: readonly { readonly scenario: string; readonly line: number }[];
  readonly startPaused?: boolean;
  readonly attended?: boolean;
  readonly mode?: 'live' | 'dry';
  readonly limits?: readonly Limit[];
  readonly plugins?: PluginHost;
  readonly link?: FakeLink;
  readonly stepBudget?: number;
  /** The journal writes nothing until `makeRoom`. */
  readonly held?: boolean;
}

/** Commands named `unknown…` are nobody's, `plug…` are the plugins', everything else is the daemon's. */
export const resolveForTests: CommandResolver = ([command = '', ...words]) => {
  if (command.startsWith('unknown')) {
    throw new ProblemError({ code: 'unknown-command', message: `Nobody offers '${command}'.`, tip: "Did you mean 'exec_smoke'?" });
  }
  if (command.startsWith('plug')) return { kind: 'plugin', command, arguments: words };
  return { kind: 'daemon', daemon, action: command, arguments: words };
};

export function programOf(text: string, others: Readonly<Record<string, string>> = {}): Program {
  const scenarios = new Map<string, Scenario>();
  for (const [name, each] of Object.entries({ root: text, ...others })) scenarios.set(name, parseScenario(name, each).scenario);
  return { root: 'root', scenarios };
}

export function startRun(text: string, options: HarnessOptions = {}) {
  const clock = new ManualClock();
  const journal = new MemoryJournal();
  const link = options.link ?? new FakeLink();
  const program = programOf(text, options.others);
  const state = startMachine(program, {
    variables: options.variables ?? {},
    release: 'rc1',
    uniqueSeed: '3f9a',
    failurePolicy: options.policy ?? 'continue',
    stepBudget: options.stepBudget ?? 10_000,
    breakpoints: options.breakpoints ?? [],
    ...(options.mode === 'dry' && { unknownText: unknownResult }),
    startPaused: options.startPaused ?? false,
  });
  const engine = new RunEngine({
    program,
    state,
    journal,
    clock,
    link: options.mode === 'dry' ? null : link,
    plugins: options.plugins ?? null,
    resolve: resolveForTests,
    newCommandId,
    limits: options.limits ?? [],
    mode: options.mode ?? 'live',
    attended: options.attended ?? true,
    operator: 'alice',
  });
  if (options.held) journal.fillDisk();
  engine.finished.catch(() => undefined);
  engine.start();
  return {
    engine,
    journal,
    link,
    clock,
    act: (action: Parameters<RunEngine['act']>[1], operator = 'alice') => engine.act(operator, action),
  };
}

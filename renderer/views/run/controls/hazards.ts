/** Which commands of a scenario can do harm, so that the operator is asked before a run that gives them. */
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import { commandOf, withBranches } from '#shared/scenario/statement-parts.ts';
import type { Program, Template } from '#shared/scenario/syntax.ts';

export interface HazardousCommand {
  /** As written: `kill -9 MatchingEnginePrimary`. */
  readonly text: string;
  readonly scenario: string;
  /** Zero-based. */
  readonly line: number;
}

/** What ends a component, or tells it something that may end it, is dangerous in every environment. */
const dangerousEverywhere: ReadonlySet<string> = new Set(['kill', 'signal']);

function written({ parts, quote }: Template): string {
  const text = parts.map((part) => (part.kind === 'text' ? part.text : `#{${part.name}}`)).join('');
  return quote === 'none' ? text : `'${text}'`;
}

/** The dangerous commands of a program, in order of its scenarios and lines. A name that a variable gives is not known before the run. */
export function hazardousCommands(program: Program, catalogue: ScenarioCatalogue | null): readonly HazardousCommand[] {
  const dangerous = new Set(dangerousEverywhere);
  for (const { name, hazard } of catalogue?.commands ?? []) if (hazard === 'dangerous') dangerous.add(name);
  return [...program.scenarios].flatMap(([scenario, { lines }]) =>
    lines.flatMap(({ line, statement }) =>
      (statement ? withBranches(statement) : [])
        .flatMap((each) => commandOf(each) ?? [])
        .map(({ words }) => words.map(written))
        .filter(([name]) => name !== undefined && dangerous.has(name))
        .map((words) => ({ text: words.join(' '), scenario, line })),
    ),
  );
}

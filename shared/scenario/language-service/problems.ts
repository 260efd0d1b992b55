/** What is wrong with a scenario as it is being written: the parser's, the linker's and the checker's problems, each with its fix where there is one. */
import { checkScenario } from '../checker.ts';
import { linkProgram } from '../link.ts';
import type { ScenarioProblem } from '../syntax.ts';
import type { DocumentCache, ScenarioDocument } from './document.ts';
import type { Surroundings } from './surroundings.ts';

/** Problems of this scenario alone, in the order of their places; those of called scenarios are told where these are opened. */
export function problemsOf(document: ScenarioDocument, surroundings: Surroundings, cache: DocumentCache): ScenarioProblem[] {
  const { name } = document;
  const { scenarios, catalogue } = surroundings;
  const load = (wanted: string) => {
    if (wanted === name) return document.parsed;
    const text = scenarios.get(wanted);
    return text === undefined ? undefined : cache.document(wanted, text).parsed;
  };
  const known = [...scenarios.keys()];
  const { program, problems } = linkProgram(name, load, known);
  const checked = checkScenario(program, catalogue ? { ...catalogue, scenarios: known } : undefined);
  return [...problems, ...checked]
    .filter(({ file }) => file === name)
    .toSorted((left, right) => left.range.start.offset - right.range.start.offset);
}

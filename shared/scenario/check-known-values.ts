/** What is known of the values of variables before a run. */
import { quantityOf } from './comparison.ts';
import { variableSetBy } from './statement-parts.ts';
import { statementsOf } from './structure.ts';
import type { Program, Template } from './syntax.ts';
import { literalText } from './template-parts.ts';

/** Variables that the program gives nothing but literal texts which are no numbers; each with one of those texts. */
export function wordsOnly(program: Program): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  const others = new Set<string>();
  const give = (name: string, values: readonly (Template | string)[]) => {
    for (const value of values) {
      const text = typeof value === 'string' ? value : literalText(value);
      if (text === null || quantityOf(text)) others.add(name);
      else words.set(name, text);
    }
  };
  for (const scenario of program.scenarios.values()) {
    // Whoever starts or calls a scenario gives its parameters what they like.
    for (const { name } of scenario.frontMatter?.parameters ?? []) others.add(name);
    for (const statement of statementsOf(scenario)) {
      const set = variableSetBy(statement);
      if (set?.values) give(set.name.text, set.values);
      else if (set) others.add(set.name.text);
    }
  }
  for (const name of others) words.delete(name);
  return words;
}

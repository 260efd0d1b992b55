/** Step numbers, labels and blocks. */
import { describe, expect, test } from 'vitest';
import { parseScenario } from '#shared/scenario/parser.ts';
import { scenarioStructure } from '#shared/scenario/structure.ts';
import { deckScenario, deckWithoutNumbers } from './scenario-samples.ts';

const structureOf = (text: string) => scenarioStructure(parseScenario('test', text).scenario);

describe('step numbers', () => {
  test("the deck's scenario has the same numbers with and without them written", () => {
    const numbers = (text: string) => structureOf(text).statements.map(({ number }) => number);
    expect(numbers(deckScenario)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(numbers(deckWithoutNumbers)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('front matter, comments and blank lines are not counted; a written number wins for its own step only', () => {
    const { statements, numbers, indexOfLine } = structureOf('---\ntitle: x\n---\n# c\nrun a\n\n10 run b\nrun c\n5');
    expect(statements.map(({ index, line, number }) => [index, line, number])).toEqual([
      [0, 4, 0],
      [1, 6, 10],
      [2, 7, 2],
    ]);
    expect([...numbers]).toEqual([
      [4, 0],
      [6, 10],
      [7, 2],
    ]);
    expect(indexOfLine.get(6)).toBe(1);
  });
});

describe('labels and blocks', () => {
  test('labels give the index of their statement; of two alike the first counts', () => {
    const { labels, duplicateLabels } = structureOf('\nrun a\nlabel x\nlabel y\nlabel x');
    expect([...labels]).toEqual([
      ['x', 1],
      ['y', 2],
    ]);
    expect(duplicateLabels).toEqual([3]);
  });

  test('each end belongs to the innermost open repeat', () => {
    const { endOfRepeat, repeatOfEnd, openRepeats, strayEnds } = structureOf('end\nrepeat 2\nrepeat 3\nrun a\nend\nend\nrepeat 4');
    expect(endOfRepeat).toEqual(
      new Map([
        [1, 5],
        [2, 4],
      ]),
    );
    expect(repeatOfEnd.get(5)).toBe(1);
    expect(openRepeats).toEqual([6]);
    expect(strayEnds).toEqual([0]);
  });
});

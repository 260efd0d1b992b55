/** Edits of texts as records keep them. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdit, editBetween, editedTexts, editOfNew, lineAfter, linesOf, type TextEdit } from '#shared/run/edit-text.ts';
import { fold, initialRunState } from '#shared/run/run-state.ts';
import { recordBodySchema, type RunRecord } from '#shared/run/records.ts';

const line = fc.constantFrom('', 'a', 'b', 'c', '  b', 'd\r', '# …');
const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));

const plain = ({ line: from, removed, added }: TextEdit) => ({ line: from, removed: [...removed], added: [...added] });

describe('an edit', () => {
  test('of equal texts is none', () => {
    fc.assert(
      fc.property(text, (same) => {
        expect(editBetween(same, same)).toBeNull();
      }),
      { seed: 1 },
    );
  });

  test('gives the new text again, and holds no more than differs', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edit = editBetween(before, after);
        expect(edit === null ? before : applyEdit(before, edit)).toBe(after);
        if (edit === null) return;
        expect(edit.removed[0] === edit.added[0] && edit.removed.length > 0 && edit.added.length > 0).toBe(false);
        expect(recordBodySchema.safeParse({ kind: 'edited', operator: 'alice', scenario: 's', ...edit }).success).toBe(true);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('lines are found again where they stand now', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edit = editBetween(before, after);
        if (edit === null) return;
        linesOf(before).forEach((content, number) => {
          const now = lineAfter(number, edit);
          if (now !== null) expect(linesOf(after)[now]?.trim()).toBe(content.trim());
        });
      }),
      { seed: 3, numRuns: 500 },
    );
    expect(lineAfter(2, { line: 1, removed: ['a', 'b'], added: ['x', 'a', 'b'] })).toBe(3);
    expect(lineAfter(1, { line: 1, removed: ['a', 'b'], added: ['b'] })).toBeNull();
  });
});

test('the texts of a moment follow from those of the start and the log', () => {
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 6 }), text, (first, later, called) => {
      const records: RunRecord[] = [];
      let present = first;
      for (const next of later) {
        const edit = editBetween(present, next);
        if (edit)
          records.push({ kind: 'edited', operator: 'alice', scenario: 'root', ...plain(edit), sequence: records.length + 1, time: 1 });
        present = next;
      }
      records.push({
        kind: 'edited',
        operator: 'bob',
        scenario: 'sub',
        ...plain(editOfNew(called)),
        sequence: records.length + 1,
        time: 2,
      });
      const { edits, counters } = fold(records, initialRunState());
      expect(editedTexts({ root: first }, edits)).toEqual({ root: present, sub: called });
      expect(counters.interventions).toBe(records.length);
    }),
    { seed: 4 },
  );
});

test('who has control is part of the run', () => {
  const state = fold([{ kind: 'control', operator: 'alice', change: 'given', to: 'bob', sequence: 1, time: 5 }]);
  expect(state.control).toEqual({ operator: 'bob', since: 5 });
});

/** A question to the core: what is shown while it is asked, given up, refused or answered. */
import { expect, test } from 'vitest';
import { ProblemError } from '#shared/problem.ts';
import { askWork, giveUp, shownAnswer, type Work } from '../../../renderer/stores/asked-work.ts';

function place() {
  const seen: Work<string, number>[] = [{ kind: 'nothing' }];
  return {
    seen,
    current: (): Work<string, number> => seen.at(-1) ?? { kind: 'nothing' },
    put: (work: Work<string, number>) => void seen.push(work),
  };
}

test('an answer takes its place; the one before is shown until then', async () => {
  const work = place();
  await askWork(work, 'one', () => Promise.resolve(1));
  expect(shownAnswer(work.current())).toMatchObject({ asked: 'one', answer: 1 });
  const asking = askWork(
    work,
    'two',
    () => Promise.resolve(2),
    () => 77,
  );
  expect(work.current()).toMatchObject({ kind: 'asking', asked: 'two', since: 77 });
  expect(shownAnswer(work.current())?.answer).toBe(1);
  await asking;
  expect(work.current()).toMatchObject({ kind: 'answered', asked: 'two', answer: 2 });
});

test('an answer that is overtaken by another question is not shown', async () => {
  const work = place();
  const slow = Promise.withResolvers<number>();
  const first = askWork(work, 'slow', () => slow.promise);
  await askWork(work, 'quick', () => Promise.resolve(2));
  slow.resolve(1);
  await first;
  expect(work.current()).toMatchObject({ asked: 'quick', answer: 2 });
});

test('what was given up is not answered any more, and its failure is not told', async () => {
  const work = place();
  const answer = Promise.withResolvers<number>();
  const asking = askWork(work, 'one', () => answer.promise);
  giveUp(work);
  expect(work.current()).toEqual({ kind: 'cancelled', asked: 'one' });
  answer.reject(new Error('too late'));
  await asking;
  expect(work.current()).toEqual({ kind: 'cancelled', asked: 'one' });
  giveUp(work);
  expect(work.current().kind).toBe('cancelled');
});

test('a refusal is told in its sentence', async () => {
  const work = place();
  await askWork(work, 'one', () => Promise.reject(new ProblemError({ code: 'unknown-release', message: 'No run of it.' })));
  expect(work.current()).toMatchObject({ kind: 'failed', problem: { message: 'No run of it.' } });
});

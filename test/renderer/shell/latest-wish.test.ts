import { expect, test } from 'vitest';
import { LatestWish } from '../../../renderer/stores/latest-wish.ts';

test('one wish is carried out at a time, and of those that wait the last', async () => {
  const done: string[] = [];
  let under = 0;
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const wishes = new LatestWish<string>(async (wish) => {
    expect(++under).toBe(1);
    await gates[done.length]?.promise;
    done.push(wish);
    under--;
  });
  const asked = ['rc1', 'rc2', 'rc3'].map((wish) => wishes.ask(wish));
  gates[0]?.resolve();
  gates[1]?.resolve();
  await Promise.all(asked);
  expect(done).toEqual(['rc1', 'rc3']);
  await wishes.ask('rc2');
  expect(done).toEqual(['rc1', 'rc3', 'rc2']);
});

test('a wish that failed keeps nobody from the next', async () => {
  const wishes = new LatestWish<string>(async (wish) => {
    if (wish === 'bad') throw new Error('it failed');
  });
  await expect(wishes.ask('bad')).rejects.toThrow('it failed');
  await expect(wishes.ask('good')).resolves.toBeUndefined();
});

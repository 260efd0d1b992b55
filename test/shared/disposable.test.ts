import { describe, expect, test } from 'vitest';
import { Emitter, Ownership } from '#shared/disposable.ts';

describe('Ownership', () => {
  test('gives back last first, once, and what comes too late at once', async () => {
    const given: string[] = [];
    const ownership = new Ownership();
    ownership.own(() => void given.push('first'));
    ownership.own({ dispose: () => void given.push('second') });
    await ownership.dispose();
    await ownership.dispose();
    ownership.own(() => void given.push('late'));
    expect(given).toEqual(['second', 'first', 'late']);
  });

  test('a member that fails does not keep the others', async () => {
    const given: string[] = [];
    const ownership = new Ownership();
    ownership.own(() => void given.push('first'));
    ownership.own(() => {
      throw new Error('stuck');
    });
    await expect(ownership.dispose()).rejects.toThrow(/could not be given back/);
    expect(given).toEqual(['first']);
  });
});

test('an Emitter tells its listeners until they unsubscribe', () => {
  const heard: number[] = [];
  const emitter = new Emitter<number>();
  const unsubscribe = emitter.subscribe((value) => heard.push(value));
  emitter.emit(1);
  unsubscribe();
  emitter.emit(2);
  expect(heard).toEqual([1]);
  expect(emitter.size).toBe(0);
});

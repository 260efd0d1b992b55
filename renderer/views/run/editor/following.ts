/** Whether the editor goes with the run. */
import { createStore } from 'zustand/vanilla';
import { storeHook } from '../../../stores/context.ts';

export function createFollowing() {
  const followingStore = createStore<{ readonly following: boolean }>(() => ({ following: true }));

  function toggleFollowing(): void {
    followingStore.setState(({ following }) => ({ following: !following }));
  }

  return { ...followingStore, toggleFollowing };
}

export const useFollowing = storeHook(createFollowing);

/** Whether the editor goes with the run. */
import { create } from 'zustand';

export const useFollowing = create<{ readonly following: boolean }>(() => ({ following: true }));

export function toggleFollowing(): void {
  useFollowing.setState(({ following }) => ({ following: !following }));
}

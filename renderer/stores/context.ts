/** How views get at the stores of the console that they belong to: all of them, or a part of the state of one. */
import { createContext, useContext } from 'react';
import { useStore, type StoreApi } from 'zustand';
import type { StoreMaker, Stores } from './stores.ts';

export const StoresContext = createContext<Stores | null>(null);

export function useStores(): Stores {
  const stores = useContext(StoresContext);
  if (!stores) throw new Error('This is shown outside of any console.');
  return stores;
}

type Read<State> = Pick<StoreApi<State>, 'getState' | 'getInitialState' | 'subscribe'>;

interface StoreHook<State> {
  (): State;
  <Part>(select: (state: State) => Part): Part;
}

/** A hook that gives a store's state or a part of it, and draws anew when that changes. */
export function storeHook<State>(make: StoreMaker<Read<State>>): StoreHook<State> {
  function useStoreState(): State;
  function useStoreState<Part>(select: (state: State) => Part): Part;
  function useStoreState<Part>(select: (state: State) => State | Part = (state) => state): State | Part {
    return useStore(useStores().get(make), select);
  }
  return useStoreState;
}

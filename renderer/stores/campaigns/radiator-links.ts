/** Links by which walls are shown the radiator: those that hold, and the one that was just made, whose address is told once. */
import { createStore } from 'zustand/vanilla';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { storeHook } from '../context.ts';
import { createSession } from '../session.ts';
import type { Stores } from '../stores.ts';

export interface RadiatorLinksState {
  /** The oldest first; null until they were read. */
  readonly links: MethodResponse<'radiator.links'>['links'] | null;
  readonly made: { readonly id: string; readonly address: string } | null;
  /** Why they cannot be read, made or revoked. */
  readonly problem: Problem | null;
}

export function createRadiatorLinks(stores: Stores) {
  const { currentCore, inform } = stores.get(createSession);
  const store = createStore<RadiatorLinksState>(() => ({ links: null, made: null, problem: null }));

  /** What is asked of the core; what it refuses stands beside the list. */
  async function asking(work: (core: NonNullable<ReturnType<typeof currentCore>>) => Promise<void>): Promise<void> {
    const core = currentCore();
    if (!core) return;
    try {
      await work(core);
      const { links } = await core.request('radiator.links', {});
      store.setState({ links, problem: null });
    } catch (failure) {
      store.setState({ problem: problemOf(failure) });
    }
  }

  /** Reads them anew; the address of one that was made before is told no more. */
  async function readLinks(): Promise<void> {
    store.setState({ links: null, made: null, problem: null });
    await asking(async () => {});
  }

  async function makeLink(name: string): Promise<void> {
    await asking(async (core) => {
      const { id, token } = await core.request('radiator.link', { name });
      store.setState({ made: { id, address: addressOf(token) } });
    });
  }

  async function revokeLink(id: string): Promise<void> {
    await asking(async (core) => {
      await core.request('radiator.revoke', { id });
      store.setState(({ made }) => ({ made: made?.id === id ? null : made }));
    });
  }

  async function copyAddress(): Promise<void> {
    const { made } = store.getState();
    if (!made) return;
    await navigator.clipboard.writeText(made.address);
    inform('The address is on the clipboard.');
  }

  return { ...store, readLinks, makeLink, revokeLink, copyAddress };
}

export const useRadiatorLinks = storeHook(createRadiatorLinks);

/** On this page's host, where it is one that others can reach by an address; the desktop window has none. */
function addressOf(token: string): string {
  const host = /^https?:$/.test(location.protocol) ? location.origin : '';
  return `${host}/radiator#${token}`;
}

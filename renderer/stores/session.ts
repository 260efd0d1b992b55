/** What the console is connected to: the core, the workspace, the environment; and how it looks. */
import { createStore } from 'zustand/vanilla';
import type { Core, MethodResponse } from '#shared/contract/contract.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { inertText } from '#shared/inert-text.ts';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import type { ConnectionState } from '../transport/core-connection.ts';
import { storeHook } from './context.ts';

export type Workspace = MethodResponse<'workspace.open'>;
export type Theme = 'dark' | 'light';
export type ViewName = 'run' | 'environment' | 'archive' | 'compare' | 'releases' | 'campaigns';

export interface SessionState {
  readonly connection: ConnectionState;
  readonly information: MethodResponse<'core.information'> | null;
  readonly workspace: Workspace | null;
  /** The environment that runs and charts use; null: none chosen. */
  readonly environmentFile: string | null;
  /** Live status of that environment; null until it is known. */
  readonly environment: EnvironmentStatus | null;
  /** In whose name commands are given in the environment, as it said last: it stays while that is away or started anew; null: none said so yet. */
  readonly operator: string | null;
  /** What scenarios may name in it; null until it is known. */
  readonly catalogue: ScenarioCatalogue | null;
  readonly view: ViewName;
  readonly theme: Theme;
  /** Problems shown to the operator, newest last; each with a number of its own. */
  readonly notices: readonly Notice[];
}

export interface Notice extends Problem {
  readonly number: number;
  /** What the operator can do about it in the notice itself, such as `Undo`. */
  readonly action?: { readonly title: string; readonly perform: () => void };
  /** ms until it goes by itself; absent: it stays until it is dismissed, since it has an action. */
  readonly lifetime?: number;
}

/** ms after which goes by itself what only says that something was done, or what the screen says elsewhere, too. */
export const passingLifetime = 6_000;

/** ms after which an error goes by itself when there is nothing to decide in it. */
export const errorLifetime = 20_000;

export function createSession() {
  const session = createStore<SessionState>(() => ({
    connection: { kind: 'connecting' },
    information: null,
    workspace: null,
    environmentFile: null,
    environment: null,
    operator: null,
    catalogue: null,
    view: 'run',
    theme: 'dark',
    notices: [],
  }));

  /** The core, or null while there is no connection. */
  function currentCore(): Core | null {
    const { connection } = session.getState();
    return connection.kind === 'connected' ? connection.core : null;
  }

  /** Folder of the workspace; null without one. Answers for another folder come too late. */
  function currentFolder(): string | null {
    return session.getState().workspace?.folder ?? null;
  }

  let notices = 0;

  /** Shows a problem for a while, or, where something can be done in the notice, until it is dismissed; returns its number. */
  function notify(problem: Problem, options: Pick<Notice, 'action' | 'lifetime'> = {}): number {
    const number = ++notices;
    // The first of them is told last, so that it stands where notices are looked for.
    for (const other of (problem.others ?? []).slice(0, 4).toReversed()) notify(other);
    // What can be done about it must not go before it was read and decided on.
    const lifetime = options.lifetime ?? (options.action ? undefined : errorLifetime);
    const notice: Notice = { ...problem, ...options, number, ...(lifetime !== undefined && { lifetime }) };
    session.setState((state) => ({ notices: [...state.notices.slice(-19), notice] }));
    return number;
  }

  /** Tells what failed without anybody having asked for it just now. A lost connection is told in orange for as long as it lasts. */
  function notifyUnlessLost(failure: unknown): void {
    const problem = problemOf(failure);
    if (problem.code !== 'core-gone') notify(problem);
  }

  /** Tells that something was done; goes by itself. */
  function inform(message: string): void {
    notify({ severity: 'information', code: 'done', message }, { lifetime: passingLifetime });
  }

  function dismissNotice(number: number): void {
    session.setState((state) => ({ notices: state.notices.filter((each) => each.number !== number) }));
  }

  function dismissNotices(): void {
    session.setState({ notices: [] });
  }

  return { ...session, currentCore, currentFolder, notify, notifyUnlessLost, inform, dismissNotice, dismissNotices };
}

export const useSession = storeHook(createSession);

/** What is known of a core that is lost, as a sentence about it goes on: `was ended by SIGKILL`, `is out of reach`. */
export function coreLossInWords({ coreEnd }: Extract<ConnectionState, { kind: 'lost' }>): string {
  return coreEnd === null ? 'is out of reach' : inertText(coreEnd);
}

/**
 * Keeps the session's live parts current: the environment's status and catalogue are listened to as long as there is a
 * connection and an environment; after a reconnection the shown run is listened to anew.
 */
import { problemOf } from '#shared/problem.ts';
import { CoreConnection, type OpenPort } from '../transport/core-connection.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { untrusted } from './trust.ts';
import { takeRefusal } from './workspace-trust.ts';
import type { Stores } from './stores.ts';

/** ms that everything of an environment may take to be closed before it is opened again. */
const closing = 500;

export function createLiveSession(stores: Stores) {
  const session = stores.get(createSession);
  const { notifyUnlessLost, notify } = session;
  const { suspendRun, resumeRun } = stores.get(createRunSession);

  let streams: { close(): void }[] = [];

  function closeStreams(): void {
    for (const stream of streams) stream.close();
    streams = [];
  }

  /** Listens to the chosen environment on the present connection. */
  function listen(): void {
    closeStreams();
    const { connection, environmentFile } = session.getState();
    if (connection.kind !== 'connected' || environmentFile === null) return;
    const { core } = connection;
    const status = core.listen('environment.live', { environmentFile }, (environment) => {
      if (environment.fileChanged === true && session.getState().environment?.fileChanged !== true) tellFileChanged();
      session.setState({ environment, operator: environment.operator });
    });
    const catalogue = core.listen('environment.catalogue', { environmentFile }, (item) => session.setState({ catalogue: item }));
    streams = [status, catalogue];
    for (const { ended } of [status, catalogue]) {
      ended.catch((failure: unknown) => {
        const problem = problemOf(failure);
        if (problem.code === untrusted) void takeRefusal(stores, problem);
        else notifyUnlessLost(failure);
      });
    }
  }

  /** What the file says now is used when nothing holds the environment open any more. */
  function tellFileChanged(): void {
    const { environmentFile } = session.getState();
    const name = environmentFile?.split(/[\\/]/).at(-1) ?? 'environment.yaml';
    const tip = 'Close the environment and open it again to use it; a run that is under way keeps what it began with.';
    notify(
      { severity: 'warning', code: 'environment-file-changed', message: `${name} was changed since the environment was opened.`, tip },
      { action: { title: 'Open it again', perform: reopen } },
    );
  }

  function reopen(): void {
    const { environmentFile } = session.getState();
    if (environmentFile === null) return;
    session.setState({ environmentFile: null });
    setTimeout(() => {
      if (session.getState().environmentFile === null) session.setState({ environmentFile });
    }, closing);
  }

  /** Connects for as long as the page lives. */
  function startSession(openPort: OpenPort): CoreConnection {
    const connection = new CoreConnection(openPort);
    stores.own(() => connection.dispose());
    stores.own(closeStreams);
    connection.subscribe((state) => {
      session.setState({ connection: state });
      if (state.kind === 'lost') {
        suspendRun();
        return session.setState({ environment: null });
      }
      listen();
      if (state.kind === 'connected') resumeRun();
    });
    session.subscribe((state, before) => {
      if (state.workspace?.folder !== before.workspace?.folder) session.setState({ operator: null });
      if (state.environmentFile !== before.environmentFile) {
        session.setState({ environment: null, catalogue: null });
        listen();
      }
    });
    return connection;
  }

  return { startSession };
}

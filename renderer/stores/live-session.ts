/**
 * Keeps the session's live parts current: the environment's status and catalogue are listened to as long as there is a
 * connection and an environment; after a reconnection the shown run is listened to anew.
 */
import { problemOf } from '#shared/problem.ts';
import { CoreConnection, type OpenPort } from '../transport/core-connection.ts';
import { resumeRun, suspendRun } from './run-session.ts';
import { notify, notifyUnlessLost, useSession } from './session.ts';
import { untrusted } from './trust.ts';
import { takeRefusal } from './workspace-trust.ts';

let streams: { close(): void }[] = [];

function closeStreams(): void {
  for (const stream of streams) stream.close();
  streams = [];
}

/** Listens to the chosen environment on the present connection. */
function listen(): void {
  closeStreams();
  const { connection, environmentFile } = useSession.getState();
  if (connection.kind !== 'connected' || environmentFile === null) return;
  const { core } = connection;
  const status = core.listen('environment.live', { environmentFile }, (environment) => {
    if (environment.fileChanged === true && useSession.getState().environment?.fileChanged !== true) tellFileChanged();
    useSession.setState({ environment, operator: environment.operator });
  });
  const catalogue = core.listen('environment.catalogue', { environmentFile }, (item) => useSession.setState({ catalogue: item }));
  streams = [status, catalogue];
  for (const { ended } of [status, catalogue]) {
    ended.catch((failure: unknown) => {
      const problem = problemOf(failure);
      if (problem.code === untrusted) void takeRefusal(problem);
      else notifyUnlessLost(failure);
    });
  }
}

/** ms that everything of an environment may take to be closed before it is opened again. */
const closing = 500;

/** What the file says now is used when nothing holds the environment open any more. */
function tellFileChanged(): void {
  const { environmentFile } = useSession.getState();
  const name = environmentFile?.split(/[\\/]/).at(-1) ?? 'environment.yaml';
  const tip = 'Close the environment and open it again to use it; a run that is under way keeps what it began with.';
  notify(
    { severity: 'warning', code: 'environment-file-changed', message: `${name} was changed since the environment was opened.`, tip },
    { action: { title: 'Open it again', perform: reopen } },
  );
}

function reopen(): void {
  const { environmentFile } = useSession.getState();
  if (environmentFile === null) return;
  useSession.setState({ environmentFile: null });
  setTimeout(() => {
    if (useSession.getState().environmentFile === null) useSession.setState({ environmentFile });
  }, closing);
}

/** Connects for as long as the page lives. */
export function startSession(openPort: OpenPort): CoreConnection {
  const connection = new CoreConnection(openPort);
  connection.subscribe((state) => {
    useSession.setState({ connection: state });
    if (state.kind === 'lost') {
      suspendRun();
      return useSession.setState({ environment: null });
    }
    listen();
    if (state.kind === 'connected') resumeRun();
  });
  useSession.subscribe((state, before) => {
    if (state.workspace?.folder !== before.workspace?.folder) useSession.setState({ operator: null });
    if (state.environmentFile !== before.environmentFile) {
      useSession.setState({ environment: null, catalogue: null });
      listen();
    }
  });
  return connection;
}

/** The door of a core that another machine serves: each console gets a WebSocket of its own to it. */
import { WebSocket } from 'ws';
import type { CoreDoor } from '#main/core-process/core-door.ts';
import { ChannelEnd, maximumMessage, maximumWaiting, type TextChannel } from '#main/core-process/text-channel.ts';
import { coreEndedCode } from '#shared/contract/transport/port.ts';
import { ProblemError } from '#shared/problem.ts';
import { isLoopback } from './remote-host.ts';

/** ms to connect. */
const patience = 10_000;

export interface RemoteCore {
  /** `wss://host:port/contract`, or `ws:` on this machine. */
  readonly url: string;
  readonly token: string;
  /** PEM text of the authority that signed the host's certificate, where the system does not know it. */
  readonly authority?: string;
}

/** Checks the address, connects once to see that the core lets this operator in, and returns the door. */
export async function doorOfRemote(remote: RemoteCore): Promise<CoreDoor> {
  const url = URL.parse(remote.url);
  if (!url || !['ws:', 'wss:'].includes(url.protocol)) {
    throw new ProblemError({
      code: 'bad-address',
      message: `${remote.url} is not the address of a core.`,
      tip: 'It looks like wss://host:7400.',
    });
  }
  if (url.protocol === 'ws:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw new ProblemError({
      code: 'tls-wanted',
      message: `The token would cross the network to ${url.hostname} unencrypted.`,
      tip: 'Connect with wss://, to a core that is served with --tls.',
    });
  }
  if (url.pathname === '/') url.pathname = '/contract';
  const connect = (): WebSocket =>
    new WebSocket(url, {
      headers: { Authorization: `Bearer ${remote.token}` },
      handshakeTimeout: patience,
      maxPayload: maximumWaiting,
      perMessageDeflate: false,
      followRedirects: false,
      ...(remote.authority !== undefined && { ca: remote.authority }),
    });
  await tryOnce(connect, url);
  return { open: () => channelOver(connect()) };
}

function tryOnce(connect: () => WebSocket, url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (message: string, tip: string): void => reject(new ProblemError({ code: 'core-not-reached', message, tip }));
    const socket = connect();
    socket.once('open', () => {
      socket.close();
      resolve();
    });
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      if (response.statusCode === 401)
        refuse(`The core at ${url.host} does not know this token.`, 'Ask whoever serves it for a token of yours.');
      else refuse(`${url.host} refused the connection (${response.statusCode}).`, 'Is it a core, served with testops serve?');
    });
    socket.on('error', (failure: NodeJS.ErrnoException) =>
      refuse(
        `The core at ${url.host} cannot be reached (${failure.code ?? failure.message}).`,
        'Is it served there, and is the certificate known here?',
      ),
    );
  });
}

function channelOver(socket: WebSocket): TextChannel {
  const early: string[] = [];
  const end = new ChannelEnd(
    (text) => {
      if (text.length > maximumMessage || socket.bufferedAmount > maximumWaiting) return end.close();
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
      else early.push(text);
    },
    () => socket.close(),
  );
  socket.on('open', () => early.splice(0).forEach((text) => socket.send(text)));
  socket.on('message', (data: Buffer) => end.deliver(data.toString('utf8')));
  socket.on('error', () => end.closed());
  // Whoever serves the core sees it end; what breaks on the way says nothing of it.
  socket.on('close', (code, reason: Buffer) => end.closed(code === coreEndedCode ? reason.toString('utf8') : null));
  return end;
}

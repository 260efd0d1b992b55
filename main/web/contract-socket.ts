/**
 * A WebSocket joined to a channel to the core. Texts pass through unread; what is too large, binary, or not taken by the
 * other side in time ends the connection. The console connects again; nothing is lost but the wait.
 */
import { WebSocketServer, type WebSocket } from 'ws';
import { coreEndedCode } from '#shared/contract/transport/port.ts';
import { maximumMessage, maximumWaiting, type TextChannel } from '#main/core-process/text-channel.ts';

/** ms between signs of life; a console that gives none in between is gone. */
const heartbeat = 20_000;

/** Close codes of the WebSocket protocol. */
const goingAway = 1001;
const unsupportedData = 1003;
const tooSlow = 1013;

/** A server that takes over upgraded connections; it listens nowhere by itself. */
export function contractSocketServer(chooseProtocol: (offered: ReadonlySet<string>) => string | false = () => false): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maximumMessage,
    handleProtocols: chooseProtocol,
  });
}

/** Joins both until either closes. Returns the parting. */
export function joinSocket(socket: WebSocket, channel: TextChannel): () => void {
  let alive = true;
  const pulse = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, heartbeat);
  pulse.unref();
  socket.on('pong', () => (alive = true));
  socket.on('message', (data: Buffer, binary) => {
    alive = true;
    if (binary) return socket.close(unsupportedData, 'texts only');
    channel.send(data.toString('utf8'));
  });
  // The close that follows an error says all there is to do.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(pulse);
    channel.close();
  });
  channel.onText((text) => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(text);
    if (socket.bufferedAmount > maximumWaiting) {
      socket.close(tooSlow, 'the console reads too slowly');
      // A peer that does not read does not answer a close either.
      socket.terminate();
    }
  });
  channel.onClose((coreEnd) => {
    if (coreEnd === null) socket.close(goingAway, 'the core is out of reach');
    else socket.close(coreEndedCode, shortReason(coreEnd));
  });
  return () => socket.close(goingAway, 'the host ends');
}

/** The protocol has room for 123 bytes. A character that is cut in two becomes one of three bytes. */
function shortReason(text: string): string {
  return Buffer.from(text).subarray(0, 120).toString('utf8');
}

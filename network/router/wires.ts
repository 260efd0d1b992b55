/** A client's connection as a stream of bytes, whatever carries it: TCP, TLS or WebSocket. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import type { Sink } from './outbox.ts';

export interface WireListener {
  data(chunk: Buffer): void;
  closed(): void;
}

export interface Wire extends Sink {
  /** `127.0.0.1:50123` */
  readonly remote: string;
  listen(listener: WireListener): void;
  /** Stops and goes on reading. */
  pause(): void;
  resume(): void;
  /** Closes after what was written has left. */
  end(): void;
  destroy(): void;
}

/** `address:port` of the other side, for logs. */
export function remoteOf(socket: Socket): string {
  return `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`;
}

/** TCP, or TLS over it. */
export class SocketWire implements Wire {
  readonly remote: string;
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    this.remote = remoteOf(socket);
  }

  listen(listener: WireListener): void {
    this.socket.on('data', (chunk: Buffer) => listener.data(chunk));
    // What failed is of no interest to the router: "close" follows every error.
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => listener.closed());
    if (this.socket.destroyed) listener.closed();
  }

  write(buffers: readonly Buffer[]): boolean {
    if (this.socket.destroyed) return true;
    if (buffers.length > 1) this.socket.cork();
    for (const buffer of buffers) this.socket.write(buffer);
    if (buffers.length > 1) this.socket.uncork();
    return !this.socket.writableNeedDrain;
  }

  onDrain(listener: () => void): void {
    this.socket.on('drain', listener);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Bytes in one WebSocket before it counts as full. */
const webSocketHighWater = 65_536;
/** Buffers up to this size together are sent as one frame. */
const joinLimit = 32_768;

/** Binary frames; where one ends means nothing, as the protocol has its own lengths. */
export class WebSocketWire implements Wire {
  readonly remote: string;
  private readonly webSocket: WebSocket;
  private drainListener: () => void = () => undefined;
  private full = false;

  constructor(webSocket: WebSocket, remote: string) {
    this.webSocket = webSocket;
    this.remote = remote;
  }

  listen(listener: WireListener): void {
    this.webSocket.on('message', (data: RawData) => listener.data(asBuffer(data)));
    this.webSocket.on('error', () => undefined);
    this.webSocket.on('close', () => listener.closed());
    if (this.webSocket.readyState === WebSocket.CLOSED) listener.closed();
  }

  write(buffers: readonly Buffer[]): boolean {
    if (this.webSocket.readyState !== WebSocket.OPEN) return true;
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const frames = buffers.length > 1 && bytes <= joinLimit ? [Buffer.concat(buffers, bytes)] : buffers;
    frames.forEach((frame, index) => {
      const last = index === frames.length - 1;
      this.webSocket.send(frame, { binary: true }, last ? () => this.written() : undefined);
    });
    this.full = this.webSocket.bufferedAmount > webSocketHighWater;
    return !this.full;
  }

  private written(): void {
    if (!this.full || this.webSocket.bufferedAmount > webSocketHighWater) return;
    this.full = false;
    this.drainListener();
  }

  onDrain(listener: () => void): void {
    this.drainListener = listener;
  }

  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    this.webSocket.resume();
  }

  end(): void {
    this.webSocket.close();
  }

  destroy(): void {
    this.webSocket.terminate();
  }
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

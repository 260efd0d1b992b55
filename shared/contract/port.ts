/**
 * The door between a console and the core, whatever it is made of: a MessagePort, a WebSocket, a process channel.
 * Messages arrive in order and whole, or the port closes.
 */
export interface ContractPort {
  /** Sends one message of plain data. Does nothing once the port is closed. */
  post(message: unknown): void;
  /** Returns the unsubscribe. */
  onMessage(listener: (message: unknown) => void): () => void;
  /** Called once, whichever side closed. Returns the unsubscribe. */
  onClose(listener: () => void): () => void;
  close(): void;
}

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
  onClose(listener: (coreEnd: CoreEnd) => void): () => void;
  close(): void;
}

/**
 * How the core's process ended, as a sentence about it goes on (`was ended by SIGKILL`), where whoever keeps it has seen
 * that; null: nobody says so. Then it may well live, and be out of reach only.
 */
export type CoreEnd = string | null;

/** Code with which a WebSocket is closed when the core's process was seen to end; the reason says how. */
export const coreEndedCode = 4001;

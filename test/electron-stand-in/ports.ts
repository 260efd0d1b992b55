/** MessageChannelMain as Electron has it, within this process; what crosses to pages is carried by them. */
import { EventEmitter } from 'node:events';

export class MessagePortMain extends EventEmitter {
  peer: MessagePortMain | undefined;
  private started = false;
  private waiting: unknown[] = [];
  private open = true;

  postMessage(data: unknown): void {
    const copy = structuredClone(data);
    queueMicrotask(() => this.peer?.arrive(copy));
  }

  start(): void {
    this.started = true;
    for (const data of this.waiting.splice(0)) this.emit('message', { data, ports: [] });
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    queueMicrotask(() => {
      this.emit('close');
      this.peer?.close();
    });
  }

  private arrive(data: unknown): void {
    if (!this.open) return;
    if (this.started) this.emit('message', { data, ports: [] });
    else this.waiting.push(data);
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}

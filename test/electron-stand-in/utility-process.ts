/** utilityProcess as Electron has it: a child process of Node that finds `process.parentPort`. */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { MessagePortMain } from './ports.ts';

/** What crosses between this process and the child. */
export type Crossing =
  | { readonly kind: 'message'; readonly data: unknown; readonly ports: readonly number[] }
  | { readonly kind: 'port'; readonly port: number; readonly data: unknown }
  | { readonly kind: 'close'; readonly port: number };

export class UtilityProcess extends EventEmitter {
  private readonly child: ChildProcess;
  private readonly ports = new Map<number, MessagePortMain>();
  private lastPort = 0;

  constructor(program: string, words: readonly string[] = []) {
    super();
    this.child = fork(join(import.meta.dirname, 'utility-bootstrap.ts'), [program, ...words], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
    });
    this.child.on('message', (crossing: Crossing) => this.take(crossing));
    this.child.once('exit', (status) => {
      for (const port of this.ports.values()) port.close();
      this.emit('exit', status ?? 1);
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  postMessage(data: unknown, ports: readonly MessagePortMain[] = []): void {
    const numbers = ports.map((port) => {
      const number = ++this.lastPort;
      this.ports.set(number, port);
      port.on('message', (event: { data: unknown }) => this.tell({ kind: 'port', port: number, data: event.data }));
      port.on('close', () => this.tell({ kind: 'close', port: number }));
      port.start();
      return number;
    });
    this.tell({ kind: 'message', data, ports: numbers });
  }

  kill(): boolean {
    return this.child.kill();
  }

  private tell(crossing: Crossing): void {
    if (this.child.connected) this.child.send(crossing);
  }

  private take(crossing: Crossing): void {
    if (crossing.kind === 'message') this.emit('message', crossing.data);
    else if (crossing.kind === 'port') this.ports.get(crossing.port)?.postMessage(crossing.data);
    else this.ports.get(crossing.port)?.close();
  }
}

/** Starts a utility process's program: gives it `process.parentPort`, then loads it. */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import { MessageChannelMain, type MessagePortMain } from './ports.ts';
import type { Crossing } from './utility-process.ts';

const ports = new Map<number, MessagePortMain>();
const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (data: unknown) => process.send?.({ kind: 'message', data, ports: [] } satisfies Crossing),
});
Object.defineProperty(process, 'parentPort', { value: parentPort });

/** The program's end of a port whose messages cross to the main process. */
function portOf(number: number): MessagePortMain {
  const { port1, port2 } = new MessageChannelMain();
  ports.set(number, port2);
  port2.on('message', ({ data }: { data: unknown }) => process.send?.({ kind: 'port', port: number, data } satisfies Crossing));
  port2.on('close', () => process.send?.({ kind: 'close', port: number } satisfies Crossing));
  port2.start();
  return port1;
}

process.on('message', (crossing: Crossing) => {
  if (crossing.kind === 'message') parentPort.emit('message', { data: crossing.data, ports: crossing.ports.map(portOf) });
  else if (crossing.kind === 'port') ports.get(crossing.port)?.postMessage(crossing.data);
  else ports.get(crossing.port)?.close();
});
process.on('disconnect', () => process.exit(0));

const program = process.argv[2] ?? '';
process.argv.splice(1, 2, program);
await import(pathToFileURL(program).href);

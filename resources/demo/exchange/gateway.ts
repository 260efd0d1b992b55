/**
 * The gateway of the demo exchange: clients connect here and need not know which engine is active. When the active
 * engine is lost, orders are answered with "unavailable" until the other one has taken over.
 *
 *     node gateway.ts --port P --engine-ports A,B --log FILE --pid FILE
 */
import { connectForLines, listenForLines, type LineSocket } from './line-socket.ts';
import type { ExchangeAnswer, ExchangeRequest } from './messages.ts';
import { markRunning, openLog, options, portOf } from './process-files.ts';

const probeInterval = 50;
const reportInterval = 500;
/** How long acknowledged orders are remembered for reconciliation, ms. */
const memory = 60_000;

const option = options(['port', 'engine-ports', 'log', 'pid']);
const log = openLog(option.log);
const ports = option['engine-ports'].split(',').map(portOf);

interface Pending {
  readonly client: LineSocket;
  readonly request: number;
  readonly order: string | undefined;
}

let active: LineSocket | undefined;
let lostAt: number | undefined;
let nextRequest = 1;
const pending = new Map<number, Pending>();
let acknowledged: { readonly id: string; readonly at: number }[] = [];
let forwarded = 0;
let unavailable = 0;

function refuse(client: LineSocket, request: number, reason: string): void {
  unavailable++;
  client.send({ kind: 'rejected', request, reason } satisfies ExchangeAnswer);
}

function fromClient(request: ExchangeRequest, client: LineSocket): void {
  if (request.kind === 'acknowledged') {
    client.send({ kind: 'acknowledged', request: request.request, ids: acknowledged.map((each) => each.id) } satisfies ExchangeAnswer);
  } else if (!active) {
    refuse(client, request.request, 'unavailable: no engine is active');
  } else {
    const number = nextRequest++;
    pending.set(number, { client, request: request.request, order: request.kind === 'new' ? request.order.id : undefined });
    active.send({ ...request, request: number });
    forwarded++;
  }
}

function fromEngine(answer: ExchangeAnswer): void {
  const waiting = pending.get(answer.request);
  if (!waiting) return;
  pending.delete(answer.request);
  if (answer.kind === 'accepted' && waiting.order !== undefined) acknowledged.push({ id: waiting.order, at: Date.now() });
  waiting.client.send({ ...answer, request: waiting.request });
}

function engineLost(): void {
  active = undefined;
  lostAt = performance.now();
  log('ERROR', `ENGINE LOST pending=${pending.size}`);
  log('INFO', 'STATE SEARCHING');
  for (const waiting of pending.values()) refuse(waiting.client, waiting.request, 'unavailable: the engine was lost');
  pending.clear();
}

/** Resolves to a connection whose engine says that it is active. */
async function activeEngine(port: number): Promise<LineSocket | undefined> {
  let chosen = false;
  let decide: (active: boolean) => void = () => {};
  const decided = new Promise<boolean>((resolve) => {
    decide = resolve;
  });
  const socket = await connectForLines(port, {
    message: (message) => {
      const answer = message as ExchangeAnswer;
      if (answer.kind === 'status') decide(answer.active);
      else fromEngine(answer);
    },
    closed: () => {
      decide(false);
      if (chosen) engineLost();
    },
  });
  if (!socket) return undefined;
  socket.send({ kind: 'status', request: 0 } satisfies ExchangeRequest);
  chosen = await decided;
  if (chosen) return socket;
  socket.close();
  return undefined;
}

async function search(): Promise<void> {
  for (const port of ports) {
    const found = active ?? (await activeEngine(port));
    if (!found || active) continue;
    active = found;
    const gap = lostAt === undefined ? '' : ` after ${Math.round(performance.now() - lostAt)} ms`;
    log('INFO', `CONNECTED to engine on port ${port}${gap}`);
    log('INFO', 'STATE READY');
  }
  setTimeout(() => void search(), probeInterval);
}

function report(): void {
  const oldest = Date.now() - memory;
  acknowledged = acknowledged.filter((each) => each.at > oldest);
  log('INFO', `TRAFFIC forwarded=${forwarded} unavailable=${unavailable}`);
  if (unavailable > 0) log('WARN', `UNAVAILABLE ${unavailable} requests were refused`);
  forwarded = 0;
  unavailable = 0;
}

markRunning(option.pid, () => log('INFO', 'STATE STOPPED'));
log('INFO', `STARTED gateway pid ${process.pid}`);
log('INFO', 'STATE SEARCHING');
await listenForLines(portOf(option.port), {
  message: (message, socket) => fromClient(message as ExchangeRequest, socket),
  closed: () => {},
});
setInterval(report, reportInterval);
await search();

/**
 * A matching engine of the demo exchange. Two run, as a pair: the active one takes orders and replicates its journal,
 * the standby applies it and takes over when the active one's heartbeat stops.
 *
 *     node matching-engine.ts --role primary|secondary --release rc1 --port P --replication-port R
 *                             --peer-replication-port Q --log FILE --pid FILE
 */
import { connectForLines, listenForLines, type LineSocket } from './line-socket.ts';
import type { BookCommand, ExchangeAnswer, ExchangeRequest, JournalEntry, ReplicationMessage, ReplicationReply } from './messages.ts';
import { OrderBook } from './order-book.ts';
import { markRunning, openLog, options, portOf } from './process-files.ts';
import { releaseCandidate } from './releases.ts';

/**
 * ms between heartbeats of the active engine, and the silence after which the standby takes over: soon when the active engine's
 * connection has ended, as it does with its process; later while it stands, since a busy machine may just not let that process run,
 * and two active engines are worse than a late takeover.
 */
const heartbeatInterval = 50;
const heartbeatLimit = 300;
const silenceLimit = 5_000;
/** ms between lines with figures in the log. */
const reportInterval = 500;
/** Journal entries kept for a standby that joins. */
const journalLimit = 50_000;

type State = 'STARTING' | 'SYNCHRONISING' | 'STANDBY' | 'TAKEOVER' | 'READY';

const option = options(['role', 'release', 'port', 'replication-port', 'peer-replication-port', 'log', 'pid']);
const log = openLog(option.log);
const release = releaseCandidate(option.release);
const peerPort = portOf(option['peer-replication-port']);

const book = new OrderBook();
const auditTrail = release.auditTrail();
let journal: JournalEntry[] = [];
let lastNumber = 0;
let state: State = 'STARTING';
let tookOver = false;
let lastHeard = performance.now();
/** Whether the connection to the active engine stands. */
let connected = false;
let standby: LineSocket | undefined;
let orders = 0;
let latencies: number[] = [];

const replication = release.replication((entries) => {
  standby?.send({ kind: 'entries', entries } satisfies ReplicationMessage);
  return standby !== undefined;
});

function become(next: State): void {
  state = next;
  log('INFO', `STATE ${next}`);
}

/** Gives the command its number, applies it and keeps it for the standby. */
function enter(entry: JournalEntry): ReturnType<OrderBook['apply']> {
  const result = book.apply(entry.command);
  lastNumber = entry.number;
  journal.push(entry);
  if (journal.length > journalLimit * 2) journal = journal.slice(-journalLimit);
  auditTrail.record(entry);
  return result;
}

function trade(command: BookCommand, request: number, client: LineSocket): void {
  const received = performance.now();
  if (tookOver) auditTrail.check();
  const entry: JournalEntry = { number: lastNumber + 1, command };
  const result = enter(entry);
  replication.replicate(entry, () => {
    latencies.push(performance.now() - received);
    orders++;
    const answer: ExchangeAnswer =
      result.kind === 'accepted' ? { ...result, request } : { kind: 'rejected', request, reason: result.reason };
    if (answer.kind === 'rejected') log('WARN', `ORDER REJECTED ${answer.reason}`);
    client.send(answer);
  });
}

function answer(request: ExchangeRequest, client: LineSocket): void {
  const number = request.request;
  const active = state === 'READY';
  if (request.kind === 'status') {
    client.send({ kind: 'status', request: number, active, state } satisfies ExchangeAnswer);
  } else if (request.kind === 'known') {
    // A standby is asked too, by those who want to know what would be left after a takeover.
    client.send({ kind: 'unknown', request: number, ids: request.ids.filter((id) => !book.knows(id)) } satisfies ExchangeAnswer);
  } else if (!active) {
    client.send({ kind: 'rejected', request: number, reason: `this engine is ${state}, not READY` } satisfies ExchangeAnswer);
  } else if (request.kind === 'new') {
    trade({ kind: 'new', order: request.order }, number, client);
  } else if (request.kind === 'cancel') {
    trade({ kind: 'cancel', id: request.id }, number, client);
  } else {
    client.send({ kind: 'rejected', request: number, reason: 'only the gateway answers that' } satisfies ExchangeAnswer);
  }
}

/** The active engine's side of replication: one standby, the latest that connected. */
async function serveStandby(): Promise<void> {
  await listenForLines(portOf(option['replication-port']), {
    opened: (socket) => {
      if (state !== 'READY') return socket.close();
      replication.release();
      standby = socket;
      socket.send({ kind: 'entries', entries: journal } satisfies ReplicationMessage);
      log('INFO', `STANDBY JOINED entries=${journal.length}`);
    },
    message: (message) => replication.applied((message as ReplicationReply).number),
    closed: (socket) => {
      if (socket !== standby) return;
      standby = undefined;
      replication.release();
      log('WARN', 'STANDBY LOST orders are no longer replicated');
    },
  });
  setInterval(() => standby?.send({ kind: 'heartbeat', last: lastNumber } satisfies ReplicationMessage), heartbeatInterval);
}

/** The standby's side: applies what comes. Resolves to whether an active engine was there; one that is not closes the connection. */
function follow(): Promise<boolean> {
  return new Promise((resolve) => {
    void connectForLines(peerPort, {
      message: (message, active) => {
        lastHeard = performance.now();
        connected = true;
        const received = message as ReplicationMessage;
        if (received.kind === 'heartbeat') return;
        if (state === 'STARTING') become('SYNCHRONISING');
        for (const entry of received.entries) if (entry.number > lastNumber) enter(entry);
        if (state === 'SYNCHRONISING') become('STANDBY');
        active.send({ kind: 'applied', number: lastNumber } satisfies ReplicationReply);
        resolve(true);
      },
      closed: () => {
        connected = false;
        resolve(false);
      },
    }).then((socket) => socket ?? resolve(false));
  });
}

async function takeOver(): Promise<void> {
  const started = performance.now();
  log('ERROR', `HEARTBEAT LOST for ${Math.round(started - lastHeard)} ms`);
  become('TAKEOVER');
  await auditTrail.prove();
  tookOver = true;
  become('READY');
  log('INFO', `TAKEOVER COMPLETE in ${Math.round(performance.now() - started)} ms entries=${lastNumber}`);
}

function watchHeartbeat(): void {
  let lastLook = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // While this process itself did not get to run, it heard nothing whoever spoke.
    if (now - lastLook > heartbeatLimit / 2) lastHeard += now - lastLook;
    lastLook = now;
    if (state === 'STANDBY' && now - lastHeard > (connected ? silenceLimit : heartbeatLimit)) {
      clearInterval(timer);
      void takeOver();
    }
  }, heartbeatInterval / 2);
}

function report(): void {
  const sorted = latencies.sort((left, right) => left - right);
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(3);
  if (orders > 0) log('INFO', `INTERNAL LATENCY p50=${at(0.5)} p99=${at(0.99)} orders=${orders}`);
  log('INFO', `BOOK depth=${book.depth} journal=${lastNumber} behind=${replication.behind}`);
  latencies = [];
  orders = 0;
}

/** A primary that finds its peer active joins it as the standby; a secondary always waits for a primary. */
async function start(): Promise<void> {
  log('INFO', `STARTED ${option.role} release ${release.name} pid ${process.pid}`);
  markRunning(option.pid, () => log('INFO', 'STATE STOPPED'));
  await serveStandby();
  await listenForLines(portOf(option.port), { message: (message, socket) => answer(message as ExchangeRequest, socket), closed: () => {} });
  while (!(await follow())) {
    if (option.role === 'primary') return become('READY');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  watchHeartbeat();
}

setInterval(report, reportInterval);
await start();

/**
 * Intermittent by nature: two traders send an order at the same price at the same moment, each over a session of its own, and the test
 * takes it that the one who was told first is first in the book. The exchange takes them as the operating system hands them over.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { listing, order, Session } from './exchange.mjs';

/** A trader is a thread: it connects, waits for the bell, and sends. */
const trader = `
const { parentPort, workerData } = require('node:worker_threads');
const { connect } = require('node:net');
const socket = connect({ host: '127.0.0.1', port: workerData.port, noDelay: true }, () => {
  parentPort.postMessage('ready');
  Atomics.wait(workerData.bell, 0, 0);
  socket.write(workerData.line);
});
socket.once('data', () => parentPort.postMessage('answered'));
`;

await test('of two who sell at the same moment the first is first in the book', { skip: listing }, async () => {
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const sales = [order('race', 'sell', 100, 1), order('race', 'sell', 100, 1)];
  const traders = sales.map((sale) => {
    const line = `${JSON.stringify({ kind: 'new', request: 1, order: sale })}\n`;
    return new Worker(trader, { eval: true, workerData: { port: Number(process.env.GATEWAY), bell, line } });
  });
  await Promise.all(traders.map((each) => once(each, 'message')));
  const answered = Promise.all(traders.map((each) => once(each, 'message')));
  Atomics.store(bell, 0, 1);
  Atomics.notify(bell, 0);
  await answered;
  await Promise.all(traders.map((each) => each.terminate()));
  const session = await Session.open(process.env.GATEWAY);
  const bought = await session.ask({ kind: 'new', order: order('race', 'buy', 100, 1) });
  session.close();
  assert.equal(bought.trades[0].sellOrder, sales[0].id, 'the second of two who sold at the same moment was first');
});

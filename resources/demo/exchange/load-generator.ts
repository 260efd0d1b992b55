/**
 * Sends orders to the exchange at a steady rate until it is ended. Prints `LOAD STEADY` once the rate was held for a while.
 *
 *     node load-generator.ts --gateway-port P --rate ORDERS-PER-SECOND --log FILE --pid FILE
 */
import { ExchangeClient, newOrder } from './client.ts';
import { markRunning, openLog, options, portOf } from './process-files.ts';

const opening = 600;
const steadyAfter = 1_500;
const reportInterval = 500;
const instruments = ['ALPHA', 'BRAVO', 'CHARLIE', 'DELTA'];

const option = options(['gateway-port', 'rate', 'log', 'pid']);
const rate = Number(option.rate);
if (!(rate > 0 && rate <= 20_000)) {
  process.stderr.write(`A rate of ${option.rate} orders per second is not between 1 and 20000.\n`);
  process.exit(2);
}
const log = openLog(option.log);

const client = await ExchangeClient.connect(portOf(option['gateway-port']), 5_000);
if (!client) {
  process.stderr.write(`No gateway listens on port ${option['gateway-port']}; start the exchange first.\n`);
  process.exit(1);
}

let accepted = 0;
let refused = 0;
let roundTrips: number[] = [];
let sent = 0;

async function sendOne(gateway: ExchangeClient): Promise<void> {
  const number = sent++;
  const instrument = instruments[number % instruments.length] ?? 'ALPHA';
  const side = number % 2 === 0 ? 'buy' : 'sell';
  // Prices overlap a little, so that most orders trade and the book keeps its depth.
  const price = 1_000 + (side === 'buy' ? 2 : -2) + ((number * 7) % 5) - 2;
  const started = performance.now();
  const answer = await gateway.ask({ kind: 'new', order: newOrder('load', instrument, side, price, 1 + (number % 9)) });
  roundTrips.push(performance.now() - started);
  if (answer.kind === 'accepted') accepted++;
  else refused++;
}

function report(): void {
  const sorted = roundTrips.sort((left, right) => left - right);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  log('INFO', `LOAD accepted=${accepted} refused=${refused} p99=${p99.toFixed(3)}`);
  roundTrips = [];
  accepted = 0;
  refused = 0;
}

markRunning(option.pid, () => log('INFO', 'STATE STOPPED'));
log('INFO', `STARTED load at ${rate} orders per second`);
await Promise.all(Array.from({ length: opening }, () => sendOne(client)));
log('INFO', 'STATE RAMPING');

const started = performance.now();
let paced = 0;
setInterval(() => {
  const due = Math.floor(((performance.now() - started) * rate) / 1_000);
  for (; paced < due; paced++) void sendOne(client);
}, 5);
setInterval(report, reportInterval);
setTimeout(() => {
  log('INFO', 'STATE STEADY');
  process.stdout.write('LOAD STEADY\n');
}, steadyAfter);

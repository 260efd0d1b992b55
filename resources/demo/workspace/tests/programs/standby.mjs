/** What was acknowledged under load survives the loss of the active engine: the standby has it by then. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { listing, order, Session, standby } from './exchange.mjs';

for (const count of [10, 50, 100, 250]) {
  test(`the standby has ${count} orders that were sent at once`, { skip: listing }, async () => {
    const [session, other] = [await Session.open(process.env.GATEWAY), await standby()];
    const sent = Array.from({ length: count }, (_, number) => order(`load-${count}`, 'buy', 1 + number, 1));
    const answers = await Promise.all(sent.map((each) => session.ask({ kind: 'new', order: each })));
    assert.ok(
      answers.every(({ kind }) => kind === 'accepted'),
      'an order was refused',
    );
    const { ids } = await other.ask({ kind: 'known', ids: sent.map(({ id }) => id) });
    session.close();
    other.close();
    assert.equal(ids.length, 0, 'the standby lacks orders that were acknowledged');
  });
}

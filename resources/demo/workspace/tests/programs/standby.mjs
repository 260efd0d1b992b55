/** What was acknowledged under load survives the loss of the active engine: the standby has it by then. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { listing, order, Session, standby } from './exchange.mjs';

for (const count of [10, 50, 100, 250]) {
  await test(`the standby has ${count} orders that were sent at once, three times`, { skip: listing }, async () => {
    const [session, other] = [await Session.open(process.env.GATEWAY), await standby()];
    const lacking = [];
    for (let time = 0; time < 3; time++) {
      const sent = Array.from({ length: count }, (_, number) => order(`load-${count}`, 'buy', 1 + number, 1));
      const answers = await Promise.all(sent.map((each) => session.ask({ kind: 'new', order: each })));
      const refused = answers.find(({ kind }) => kind !== 'accepted');
      assert.equal(refused, undefined, `an order was refused: ${refused?.reason}`);
      lacking.push(...(await other.ask({ kind: 'known', ids: sent.map(({ id }) => id) })).ids);
    }
    session.close();
    other.close();
    assert.ok(lacking.length === 0, 'the standby lacks orders that were acknowledged');
  });
}

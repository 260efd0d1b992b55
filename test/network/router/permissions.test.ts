/** Permissions beyond what the roles use: denied subjects, numbers and times of answers. The roles are tested over the network. */
import { describe, expect, test } from 'vitest';
import { Gatekeeper, permissionsForAll } from '#network/router/permissions.ts';
import { environmentNameSchema } from '#shared/identifiers.ts';

describe('permissions', () => {
  test('allow everything where nothing is said, and nothing where the list is empty', () => {
    const open = new Gatekeeper({}, () => 0);
    expect([open.canPublish('x'), open.canSubscribe('>')]).toEqual([true, true]);
    const shut = new Gatekeeper({ publish: { allow: [] }, subscribe: { allow: [] } }, () => 0);
    expect([shut.canPublish('x'), shut.canSubscribe('x')]).toEqual([false, false]);
  });

  test('let what is denied win over what is allowed, for single messages too', () => {
    const gate = new Gatekeeper({ publish: { allow: ['a.>'], deny: ['a.secret.>'] }, subscribe: { deny: ['a.secret.*'] } }, () => 0);
    expect([gate.canPublish('a.x'), gate.canPublish('a.secret.x'), gate.canPublish('b')]).toEqual([true, false, false]);
    expect([gate.canSubscribe('a.>'), gate.canSubscribe('a.secret.x')]).toEqual([true, false]);
    expect([gate.filtersDelivery, gate.canHear('a.open'), gate.canHear('a.secret.x')]).toEqual([true, true, false]);
  });

  test('let a request be answered so often and so long', () => {
    let now = 1_000;
    const gate = new Gatekeeper({ allowResponses: { maximum: 2, expires: 500 } }, () => now);
    expect(gate.canPublish('reply.1')).toBe(false);
    gate.allowAnswers('reply.1');
    gate.allowAnswers('reply.2');
    expect([gate.canPublish('reply.1'), gate.canPublish('reply.1'), gate.canPublish('reply.1')]).toEqual([true, true, false]);
    now += 501;
    expect(gate.canPublish('reply.2')).toBe(false);
  });

  test('remember a bounded number of requests, the latest', () => {
    const gate = new Gatekeeper({ allowResponses: { maximum: -1, expires: -1 } }, () => 0);
    for (let index = 0; index < 20_000; index++) gate.allowAnswers(`reply.${index}`);
    expect([gate.canPublish('reply.0'), gate.canPublish('reply.19999'), gate.canPublish('reply.10000')]).toEqual([false, true, true]);
  });

  test('let nobody answer on a subject of the monitoring network: a request must not lend another name', () => {
    const environment = environmentNameSchema.parse('demo');
    const gate = new Gatekeeper(permissionsForAll('daemon', [environment], 'MEP'), () => 0);
    for (const reply of ['testops.demo.events.INJ', 'testops.demo.command.INJ', 'testops.other.samples.MEP', 'testops']) {
      gate.allowAnswers(reply);
      expect(gate.canPublish(reply)).toBe(false);
    }
    gate.allowAnswers('_INBOX_alice.1');
    expect([gate.canPublish('_INBOX_alice.1'), gate.canPublish('testops.demo.events.MEP')]).toEqual([true, true]);
  });

  test('of several environments are added together', () => {
    const [demo, stage] = [environmentNameSchema.parse('demo'), environmentNameSchema.parse('stage')];
    const gate = new Gatekeeper(permissionsForAll('operator', [demo, stage], 'alice'), () => 0);
    expect(
      [
        'testops.demo.work.*',
        'testops.stage.events.*',
        '_INBOX_alice.x',
        'testops.demo.>',
        'testops.demo.command.*',
        'testops.other.events.*',
      ].map((each) => gate.canSubscribe(each)),
    ).toEqual([true, true, true, false, false, false]);
  });
});

/** A campaign with one of everything: results of each kind, retries, quarantine, evidence, and names that nobody would choose. */
import { createHash } from 'node:crypto';
import type { Evidence } from '#shared/campaign/records.ts';
import { MadeCampaign, suiteName, suitePlan, testId, verdictOf } from '../../../../shared/campaign/made-campaign.ts';

export const hostile = '../../etc/passwd\u0000"<script>&\u202e\n]]>';
export const startedAt = Date.parse('2026-11-20T22:17:35Z');
export const quarantineEnds = startedAt + 24 * 3_600_000;

export function evidenceOf(name: string, content: string, type = 'text/plain'): Evidence {
  return { name, type, hash: createHash('sha256').update(content).digest('hex'), bytes: Buffer.byteLength(content) };
}

/** Numbers by result: 0 passed, 1 passed on retry, 2 failed twice, 3 broken, 4 skipped, 5 missing, 6 infrastructure, 7 quarantined, 8 hostile, 9 not run. */
export function sampleCampaign(evidence: readonly Evidence[] = []): MadeCampaign {
  const made = new MadeCampaign({
    suites: [suitePlan('checks', { retries: 1 }), suitePlan('Checks', { adapter: 'executable' }), suitePlan('unlisted')],
    quarantine: [
      { suite: suiteName('Checks'), test: testId('flaky'), owner: 'bo', reference: 'T-7', reason: 'a known race', expires: quarantineEnds },
    ],
  });
  made.time = startedAt;
  made.write({
    kind: 'worker-changed',
    worker: 'w1' as never,
    state: 'present',
    epoch: '0123456789abcdef' as never,
    slots: 2,
    labels: [],
    host: 'box-1',
  });
  const suite = (name: string, tests: readonly string[]) => tests.map((test) => ({ suite: name, tests: [test], group: `${name}.py` }));
  made.plan([
    ...suite('checks', ['ok', 'second', 'bad', 'error', 'off', 'silent', 'lost']),
    ...suite('Checks', ['flaky', hostile, 'late']),
  ]);
  made.write({ kind: 'suite-listed', suite: suiteName('unlisted'), tests: 0, units: 0, problem: 'No <module> named "x".' });
  made.execute(0);
  made.execute(1, 'failed', 'w1', { message: 'expected 1, not 2' });
  made.execute(1, 'passed', 'w2');
  made.execute(2, 'failed', 'w1', { message: 'the price is wrong', details: 'at line 3\nat line 4' });
  made.execute(2, 'failed', 'w2', { message: 'the price is wrong', evidence: [...evidence] });
  made.execute(3, 'broken', 'w1', { message: 'it took longer than 60 s' });
  made.execute(3, 'broken', 'w1', { message: 'it took longer than 60 s' });
  made.execute(4, 'skipped', 'w1', { message: 'not on this system' });
  for (const _ of [1, 2]) made.settle(made.lease(5), 'done', []);
  for (const _ of [1, 2, 3, 4])
    made.write({ kind: 'settled', fence: made.lease(6), end: 'worker-lost', reason: 'The worker w1 is silent.', verdicts: [] });
  made.execute(7, 'failed', 'w1', { message: 'raced' });
  made.settle(made.lease(8), 'done', [verdictOf(hostile, 'failed', { message: hostile })]);
  made.write({ kind: 'stop-asked', operator: 'anna', reason: 'enough' });
  made.write({ kind: 'campaign-ended', outcome: 'stopped' });
  return made;
}

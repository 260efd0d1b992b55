/** What the terminal says of campaigns: attempts, places, losses, copies, and commands that can be called as they stand there. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CampaignPresentation, statusText } from '#main/cli/campaign-presentation.ts';
import { commandText, failureLines, lossLines, lossText, testLine } from '#main/cli/campaign-words.ts';
import { Terminal } from '#main/cli/terminal.ts';
import { doneCount } from '#shared/campaign/result-counts.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import { campaignId, counts, rowMade, suite, viewMade } from '../../renderer/campaigns/campaign-made.ts';

function recorded(): { readonly terminal: Terminal; readonly text: () => string } {
  let text = '';
  const terminal = new Terminal({ isTTY: false, write: (part: string) => ((text += part), true) } as unknown as NodeJS.WriteStream);
  return { terminal, text: () => text };
}
const { colours } = recorded().terminal;
const lost = (more: Partial<CampaignView['workers'][number]> = {}): CampaignView['workers'][number] => ({
  ...viewMade(1).workers[0]!,
  state: 'lost',
  lost: { attempts: 4, tests: 5, latest: { tests: 5, examples: ['a', 'b', 'c'].map((test) => ({ suite, test: rowMade(test).test })) } },
  ...more,
});

test('a failure says which attempt it was, and whether there is another one', () => {
  const of = (row: Parameters<typeof rowMade>[1]) => failureLines(rowMade('a', { result: 'failed', ...row }), colours)[0];
  expect(of({ state: 'waiting', attempts: 1, triesLeft: 1 })).toContain('attempt 1 of 2, is tried again');
  expect(of({ state: 'running', attempts: 2, triesLeft: 1 })).toContain('attempt 1 of 2, is tried again');
  expect(of({ attempts: 2 })).toContain('attempt 2, final');
  expect(of({ attempts: 1 })).not.toContain('attempt');
});

test('each attempt that fails is told once', () => {
  const { terminal, text } = recorded();
  const presentation = new CampaignPresentation(terminal, () => 0);
  const failed = rowMade('a', { result: 'failed', attempts: 1, state: 'waiting', triesLeft: 1 });
  presentation.failures([failed, { ...failed, attempts: 2, state: 'running' }, { ...failed, attempts: 2, state: 'over', triesLeft: 0 }]);
  expect(
    text()
      .match(/✗ .*/g)
      ?.map((line) => /attempt.*/.exec(line)?.[0]),
  ).toEqual(['attempt 1 of 2, is tried again', 'attempt 2, final']);
});

test('a test that passed says where', () => {
  expect(testLine(rowMade('a'), colours)).toContain('passed, on MEP, server one, 12');
});

test('what is tried again is not done; what was not run neither', () => {
  expect(statusText(viewMade(1, { triedAgain: 2 }), 0)).toContain('2 of 4  1 running  1 waiting  2 failed so far, tried again');
  expect(doneCount(counts({ 'not run': 31 }))).toBe(0);
});

test('a worker that is lost is told with what it had, and at the end', () => {
  expect(lossText(lost())).toBe('worker MEP is lost; it had smoke a, smoke b, smoke c and 2 more, which go elsewhere');
  expect(lossText(lost({ lost: null }))).toBe('worker MEP is lost');
  expect(lossLines([lost({ state: 'present' }), viewMade(1).workers[0]!])).toEqual([
    'worker MEP was lost with 4 attempts, of them 5 tests without a verdict',
  ]);
  const { terminal, text } = recorded();
  new CampaignPresentation(terminal, () => 0).ended(viewMade(1, { outcome: 'passed', endedAt: 2_000_000, workers: [lost()] }));
  expect(text()).toContain('worker MEP was lost with 4 attempts');
});

test('a command names the environment where the campaign is known only there', () => {
  const view = viewMade(1);
  const at = (file: string): CampaignView => ({
    ...view,
    elsewhere: true,
    plan: { ...view.plan, environmentFile: join(process.cwd(), file) },
  });
  expect(commandText('tests', view, ' --failed')).toBe(`testops campaign tests ${campaignId(1)} --failed`);
  expect(commandText('tests', at('environment.yaml'), ' --failed')).toBe(
    `testops campaign tests ${campaignId(1)} --failed -e environment.yaml`,
  );
  expect(commandText('show', at('my servers/lab.yaml'))).toBe(`testops campaign show ${campaignId(1)} -e 'my servers/lab.yaml'`);
});

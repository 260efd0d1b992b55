/** What a person reads of a campaign that another core may decide: who does, when that changes, and what servers wait for. */
import { expect, test } from 'vitest';
import { CampaignPresentation } from '#main/cli/campaign-presentation.ts';
import { Terminal } from '#main/cli/terminal.ts';
import { viewOf } from '#main/core/campaigns/view/campaign-view.ts';
import { MadeCampaign, serverName, suitePlan } from '../../shared/campaign/made-campaign.ts';

const decides = (core: string) => ({ kind: 'coordinator-changed', core, host: 'vm' }) as const;

/** What is written while a campaign goes on. */
function follow(campaign: MadeCampaign) {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
  const presentation = new CampaignPresentation(new Terminal(stream, stream), () => campaign.time);
  return {
    look: (): void => {
      const view = viewOf(campaign.state, campaign.time);
      if (view) presentation.progress(view);
    },
    text: (): string => written.join(''),
  };
}

test('another core that decides from now on is told, once', () => {
  const campaign = new MadeCampaign();
  campaign.write(decides('core-1 (console of bob, process 7)'));
  const { look, text } = follow(campaign);
  look();
  expect(text()).toContain('coordinated by core-1 (console of bob, process 7) on vm\n');
  campaign.write(decides('core-2 (campaign run of alice, process 8)'));
  look();
  look();
  expect(text().split('coordinated by core-2 (campaign run of alice, process 8) on vm from now on\n')).toHaveLength(2);
});

test('a server that waits since a core cannot use it is told with the reason; no server at all with until when it is waited', () => {
  const campaign = new MadeCampaign({ suites: [suitePlan('s', { usesServer: true })], servers: { a: 1 } });
  campaign.plan([{}]);
  const reason = 'core-1 on vm cannot use it. The folder /w is not trusted.';
  campaign.write({ kind: 'server-changed', server: serverName('a'), state: 'waiting', reason });
  const { look, text } = follow(campaign);
  look();
  look();
  expect(text().split(`server a is waiting: ${reason}`)).toHaveLength(2);
  expect(text().split(`No server is ready. a: ${reason}`)).toHaveLength(2);
  expect(text()).toContain('after 10 min (serverPatience of the campaign file), the campaign ends without the rest.');
});

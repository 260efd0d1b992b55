/**
 * The Campaigns view as an operator sees it, with a core that a test plays: no campaign yet, planning, going on, stopped, over, with its
 * core lost; a list of 100,000 tests; and the radiator.
 * @vitest-environment happy-dom
 */
import { MantineProvider } from '@mantine/core';
import { act, createElement, type ComponentType } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Evidence } from '#shared/campaign/records.ts';
import type { Verdict } from '#shared/campaign/words.ts';
import type { CampaignSummary, CampaignView } from '#shared/contract/campaigns.ts';
import type { MethodRequest, MethodResponse } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { createActions } from '../../../renderer/stores/actions.ts';
import { createCampaigns } from '../../../renderer/stores/campaigns/campaigns.ts';
import { createCampaignTests } from '../../../renderer/stores/campaigns/campaign-tests.ts';
import { createTestHistory } from '../../../renderer/stores/campaigns/test-history.ts';
import { createRadiatorLinks } from '../../../renderer/stores/campaigns/radiator-links.ts';
import { createRadiator } from '../../../renderer/stores/campaigns/radiator.ts';
import { StoresContext } from '../../../renderer/stores/context.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { CampaignsView } from '../../../renderer/views/campaigns/index.tsx';
import { Radiator } from '../../../renderer/views/radiator/index.tsx';
import { FakeCore } from '../fake-core.ts';
import { campaignId, counts, leaseMade, rowMade, server, suite, summaryMade, viewMade, worker } from './campaign-made.ts';

const many = 100_000;
const evidence: readonly Evidence[] = [
  { name: 'output.txt', type: 'text/plain', hash: '0'.repeat(64), bytes: 5 },
  { name: 'screen.png', type: 'image/png', hash: '1'.repeat(64), bytes: 5 },
];

let stores: Stores;
let core: FakeCore;
let root: Root;
let page: HTMLElement;
let campaigns: CampaignSummary[];
let total: number;
let askedTests: MethodRequest<'campaign.tests'>[];
let acted: MethodRequest<'campaign.act'>['action'][];
let startRefused: boolean;
let details: string;
let linksRefused: boolean;
let quarantine: MethodResponse<'tests.history'>['quarantine'];
let asked: MethodRequest<'tests.history'>[];
let links: MethodResponse<'radiator.links'>['links'];

function playedCore(): FakeCore {
  return new FakeCore({
    'campaigns.list': () => ({ campaigns }),
    'campaign.tests': (request) => {
      askedTests.push(request);
      const rows = Array.from({ length: Math.min(request.limit, Math.max(0, total - request.offset)) }, (_, index) =>
        rowMade(`test-${request.offset + index}`, request.offset + index === 0 ? { result: 'failed', message: 'order 7 was lost' } : {}),
      );
      return { total, rows };
    },
    'campaign.test': ({ test: name }) => ({
      row: rowMade(name, { result: 'failed' }),
      attempts: [
        {
          attempt: 1,
          worker,
          server,
          leasedAt: 1_000,
          settledAt: 3_000,
          end: 'worker-lost',
          reason: 'It was silent for 5 s.',
          verdict: null,
        },
        {
          attempt: 2,
          worker,
          server,
          leasedAt: 4_000,
          settledAt: 5_000,
          end: 'done',
          reason: null,
          verdict: {
            test: rowMade(name).test,
            verdict: 'failed',
            duration: 40,
            offset: 0,
            message: 'order 7 was lost',
            details,
            evidence: [...evidence],
          },
        },
      ],
      waits: 'All 2 slots of the server are taken.',
    }),
    'campaign.evidence': ({ evidence: { type } }) =>
      type === 'text/plain' ? { kind: 'text', content: 'it said this\nand that' } : { kind: 'base64', content: 'AAAA' },
    'campaign.lanes': () => ({ leases: [leaseMade(1, 1_000_000, 1_000_500), leaseMade(2, 1_000_600, null)], cut: false }),
    'campaign.act': ({ action }) => {
      acted.push(action);
      return {};
    },
    'campaigns.files': () => ({ files: [{ name: 'nightly', file: '/workspace/campaigns/nightly.yaml', title: 'Nightly', problems: [] }] }),
    'suites.list': () => ({ suites: [], problems: [] }),
    'campaign.start': () => {
      if (startRefused)
        throw new ProblemError({ code: 'capacity-unknown', message: 'The suite smoke needs licences, of which there are none.' });
      return { campaign: campaignId(9), problems: [] };
    },
    'campaign.look': ({ campaign, looked }) => {
      campaigns = campaigns.map((each) =>
        each.campaign === campaign ? { ...each, lookedAt: looked ? { operator: 'eve', at: 1_600_000 } : null } : each,
      );
      return {};
    },
    'tests.history': (request) => {
      asked.push(request);
      const { suite: of, test: name } = request;
      if (name === 'unheard')
        throw new ProblemError({ code: 'unknown-test', message: `Nothing is known of a test ${name} in the suite ${of}.` });
      const campaign = (number: number, ...verdicts: Verdict[]) => ({
        campaign: campaignId(number),
        startedAt: number * 1_000_000,
        revision: `rc${number}`,
        package: null,
        verdicts,
        duration: 40,
        passed: 1,
        failed: 0,
        storm: false,
        cause: null,
      });
      return {
        suite: rowMade(name).suite,
        test: rowMade(name).test,
        group: '',
        campaigns: [campaign(1, 'passed'), campaign(2, 'failed', 'passed'), campaign(3, 'failed')],
        duration: { expected: 40, drift: { perRun: 2, p: 0.01, direction: 'up' } },
        flakiness: { judgement: 'intermittent', failures: 3, attempts: 30, rate: 0.1, low: 0.04, high: 0.2 },
        burnIn: { passes: 29, wanted: 29, over: true },
        quarantine,
      };
    },
    'tests.quarantine': ({ change }) => {
      if (change.kind === 'put' && change.days > 14)
        throw new ProblemError({ code: 'quarantine-long', message: 'A test may be in quarantine for 14 days, not 30 days.' });
      quarantine =
        change.kind === 'put'
          ? { owner: change.owner, reason: change.reason, reference: change.reference, expires: Date.now() + 1e8 }
          : null;
      return {};
    },
    'radiator.links': () => {
      if (linksRefused) throw new ProblemError({ code: 'not-served', message: 'This is decided on the machine of a served core.' });
      return { links };
    },
    'radiator.link': ({ name }) => {
      const made = { id: '0123abcd', name, by: 'eve', since: 1_000 };
      links = [made];
      return { ...made, token: `token-of-${name}` };
    },
    'radiator.revoke': () => {
      links = [];
      return {};
    },
    'campaigns.compare': () => ({
      differences: [
        { kind: 'newly failing', suite, test: rowMade('x').test, before: 'passed', now: 'failed', durationBefore: null, durationNow: null },
      ],
    }),
  });
}

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  // A page without a screen has no sizes: the frame is given some.
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(260);
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(260);
  location.hash = '';
  details = 'at line 3';
  campaigns = [summaryMade(2), summaryMade(1, { outcome: 'passed', endedAt: 1_500_000 })];
  [total, askedTests, acted, startRefused] = [4, [], [], false];
  [linksRefused, links] = [false, []];
  [quarantine, asked] = [null, []];
  stores = new Stores();
  core = playedCore();
  stores.get(createSession).setState({
    connection: { kind: 'connected', core, generation: 1 },
    view: 'campaigns',
    workspace: { folder: '/workspace', environments: [], scenarios: [] } as never,
  });
  page = document.body.appendChild(document.createElement('div'));
  root = createRoot(page);
});
afterEach(async () => {
  act(() => root.unmount());
  page.remove();
  await stores.dispose();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const pause = () => act(() => new Promise((resolve) => setTimeout(resolve)));
/** What is to be read, dialogs included, without styles. */
const text = (): string =>
  [...document.body.querySelectorAll('*')]
    .filter(({ tagName }) => tagName === 'STYLE')
    .reduce((all, each) => all.replace(each.textContent ?? '', ''), document.body.textContent ?? '');
const reads = (wanted: string | RegExp) =>
  vi.waitFor(async () => {
    await pause();
    expect(text()).toMatch(wanted);
  });
const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
const button = (name: string | RegExp): HTMLButtonElement => {
  const found = all('button').find(({ textContent }) => (typeof name === 'string' ? textContent === name : name.test(textContent ?? '')));
  if (!found) throw new Error(`there is no button ${String(name)}`);
  return found as HTMLButtonElement;
};
const press = (name: string | RegExp) => act(async () => button(name).click());
const perform = (id: string) => act(async () => stores.get(createActions).performAction(id));

async function show(Content: ComponentType = CampaignsView): Promise<void> {
  await act(async () =>
    root.render(createElement(StoresContext, { value: stores }, createElement(MantineProvider, { env: 'test' }, createElement(Content)))),
  );
}

/** Shows the newest campaign as its core tells of it. */
async function showLive(more: Partial<CampaignView> = {}, failures: Parameters<typeof rowMade>[] = []): Promise<void> {
  await show();
  await reads('nightly');
  await tell(more, failures);
}

const tell = (more: Partial<CampaignView>, failures: Parameters<typeof rowMade>[] = []) =>
  act(async () => core.give('campaign.live', { view: viewMade(2, more), failures: failures.map((each) => rowMade(...each)) }));

describe('the Campaigns view', () => {
  test('without a campaign says what to write and where, and offers to start one', async () => {
    campaigns = [];
    await show();
    await reads('No campaign was started yet');
    expect(text()).toContain('suites/smoke.yaml');
    expect(button('Stop…').disabled).toBe(true);
  });

  test('while planning says that tests are being listed', async () => {
    total = 0;
    await showLive({ planning: true, tests: 0, results: counts(), running: 0, waiting: 0, waits: [] });
    await reads('Nightly: planning');
    await reads('The tests are being listed');
  });

  test('while it goes on: progress, forecast, who coordinates, why it waits, what failed at once', async () => {
    const soon = Date.now() + 3_600_000;
    await showLive({ forecast: { p50: soon, p90: soon + 600_000 } });
    await reads('Nightly: running');
    for (const each of ['2 of 4 tests (50 %)', 'ends about', 'at the latest', 'Coordinated by core-1 on vm', 'others are ahead'])
      expect(text()).toContain(each);
    const unlisted = {
      suite,
      adapter: 'pytest',
      tests: 0,
      results: counts(),
      problem: 'There is no python3 on MEP.',
      priority: 0,
    } as const;
    await tell({ suites: [unlisted] });
    await reads('smoke has no tests: There is no python3 on MEP.');
    await tell({ results: counts({ passed: 2, failed: 1 }) }, [['test-0', { result: 'failed', message: 'order 7 was lost' }]]);
    await reads(/Failed last.*smoke: test-0.*order 7 was lost/);
    expect(text()).toContain('running, red already');
  });

  test('a group of failures filters the tests', async () => {
    await showLive({ failures: [{ message: 'order … was lost', tests: 3, examples: [], servers: ['one'] }] });
    await press(/order … was lost/);
    await vi.waitFor(() => expect(askedTests.at(-1)).toMatchObject({ failure: 'order … was lost', offset: 0 }));
    await press('Show all');
    await vi.waitFor(() => expect(askedTests.at(-1)).not.toHaveProperty('failure'));
  });

  test('of 100,000 tests only what is seen is asked for, and drawn', async () => {
    total = many;
    await showLive({ tests: many });
    await reads('test-0');
    const grid = all('[role=grid][aria-label=Tests]')[0];
    expect(grid?.getAttribute('aria-rowcount')).toBe(String(many + 1));
    expect(askedTests.every(({ offset, limit }) => offset === 0 && limit === 500)).toBe(true);
    expect(all('[role=row]').length).toBeLessThan(100);
  });

  test('a test shows every attempt, why it waits, and its evidence', async () => {
    await showLive();
    await reads('test-0');
    await act(async () =>
      all('[role=gridcell]')
        .find(({ textContent }) => textContent === 'test-0')
        ?.click(),
    );
    await reads('Attempt 2: ✗ failed');
    for (const each of ['Attempt 1: ⚠ worker lost', 'It was silent for 5 s.', 'order 7 was lost', 'at line 3', 'It waits: All 2 slots'])
      expect(text()).toContain(each);
    await press('output.txt');
    await reads('it said this');
    await press('screen.png');
    await vi.waitFor(() => expect(all('img').map((each) => each.getAttribute('src'))).toEqual(['data:image/png;base64,AAAA']));
  });

  test('servers, workers and lanes: how they stand, and what ran where', async () => {
    await showLive({
      servers: [{ server, state: 'out', mode: null, reason: 'Its deployment failed.', slots: 2, used: 0 }],
      workers: [{ worker, state: 'lost', host: 'vm', slots: 2, used: 0, labels: [], running: [], lost: null }],
    });
    await perform('campaigns.places');
    await reads('Its deployment failed.');
    expect(text()).toMatch(/lost/);
    await vi.waitFor(() =>
      expect(all('[role=img]').map((each) => each.getAttribute('aria-label'))).toContain('MEP: 2 attempts, 1 passed, 1 running'),
    );
    expect(text()).toContain('others are ahead');
  });

  test('text of a failure, and text that an attempt left, keep their lines and lose what would colour them', async () => {
    details = 'E   assert 1 == 2\n\u001b[31m+  where\u001b[0m 1\n';
    await showLive();
    await reads('test-0');
    await act(async () =>
      all('[role=gridcell]')
        .find(({ textContent }) => textContent === 'test-0')
        ?.click(),
    );
    await reads('Attempt 2: ✗ failed');
    const block = (label: string) => all(`pre[aria-label="${label}"]`)[0]?.textContent;
    expect(block('Details of the failure')).toBe('E   assert 1 == 2\n+  where 1\n');
    await press('output.txt');
    await vi.waitFor(() => expect(block('output.txt')).toBe('it said this\nand that'));
  });

  test('a copy that nothing keeps current is not shown as running', async () => {
    const asOf = new Date(2026, 10, 20, 14, 31).getTime();
    campaigns = [summaryMade(2, { asOf })];
    await showLive({ asOf });
    await reads('Nightly: not live, as of 14:31');
    expect(text()).toContain('open its environment to follow it');
    expect(all('[role=option]')[0]?.textContent).toMatch(/\? as of 14:31/);
    expect(all('[role=option]')[0]?.textContent).not.toContain('running');
  });

  test('what was not run is told in the list, and is not done', async () => {
    campaigns = [summaryMade(2, { outcome: 'not executed', endedAt: 2_500_000, tests: 31, results: counts({ 'not run': 31 }) })];
    await show();
    await reads('31 not run');
    await tell({ outcome: 'not executed', endedAt: 2_500_000, tests: 31, results: counts({ 'not run': 31 }) });
    await reads('0 of 31 tests');
  });

  test('counts add up: what is tried again is said beside what runs and waits', async () => {
    await showLive({ results: counts({ passed: 1 }), running: 2, waiting: 1, triedAgain: 2 });
    await reads('2 failed so far, tried again');
    expect(text()).toContain('1 of 4 tests');
  });

  test('says why nothing can be executed where all servers are out', async () => {
    const out = { server, state: 'out', mode: null, reason: 'its deployment failed', slots: 2, used: 0 } as const;
    await showLive({ servers: [out] });
    await reads('server one is out (its deployment failed)');
    await tell({ servers: [out, { ...out, state: 'ready' }] });
    await vi.waitFor(() => expect(text()).not.toContain('its deployment failed'));
  });

  test('tests that have not come yet are not said to be none', async () => {
    total = 0;
    await showLive({ tests: 31 });
    await vi.waitFor(() => expect(all('[aria-label="Reading the tests"]')).toHaveLength(1));
    expect(text()).not.toContain('has no tests');
  });

  test('a core that is lost before a campaign was read is said, nothing turns for ever', async () => {
    await show();
    await reads('nightly');
    await act(async () => stores.get(createSession).setState({ connection: { kind: 'lost', since: 0, coreEnd: null } as never }));
    await reads('The core was lost before the campaign was read');
  });

  test('colours of lanes are explained', async () => {
    await showLive();
    await perform('campaigns.places');
    await reads('By worker');
    const legends = all('[aria-label="What the colours mean"]');
    expect(legends.map(({ textContent }) => textContent)).toEqual(['✓passed▶running', '✓passed▶running']);
  });

  test('stopping asks, and says why; priority is set; what failed is executed again', async () => {
    await showLive({ results: counts({ failed: 1 }) });
    await press('Stop…');
    await press('Stop the campaign');
    await press('Retry failed');
    expect(acted).toEqual([
      { kind: 'stop', reason: '' },
      { kind: 'retry', tests: [] },
    ]);
  });

  test('what is stopped or over says so, and can only be looked at, compared or repeated', async () => {
    await showLive({ outcome: 'stopped', endedAt: 2_500_000, reason: 'enough', results: counts({ failed: 1, 'not run': 3 }) });
    await reads('Nightly: stopped');
    expect(text()).toContain('enough');
    expect([button('Stop…').disabled, button('Priority…').disabled, button('Retry failed').disabled]).toEqual([true, true, false]);
    await press('Compare');
    await reads('newly failing');
  });

  test('a refused start says why in its dialog', async () => {
    startRefused = true;
    await show();
    await reads('nightly');
    await press('Start a campaign…');
    await reads('Revision under test');
    await press('Start');
    await reads('needs licences, of which there are none');
  });

  test('with a lost core keeps what was known, marked as not live, and nothing can be done', async () => {
    await showLive();
    await reads('Nightly: running');
    await act(async () => stores.get(createSession).setState({ connection: { kind: 'lost', coreEnd: null, since: 1_000 } }));
    await reads('Nightly: Not live (was: running)');
    expect(text()).toContain('2 of 4 tests');
    expect(['Start a campaign…', 'Stop…', 'Retry failed', 'Priority…', 'Compare'].map((name) => button(name).disabled)).toEqual(
      Array(5).fill(true),
    );
    expect(all('[aria-label=Campaign]')[0]?.dataset['tone']).toBe('not-live');
  });
});

describe('the history of a test', () => {
  beforeEach(async () => {
    stores.get(createSession).setState({ operator: 'alice' });
    await showLive();
    await act(async () => stores.get(createCampaignTests).choose(rowMade('test-0')));
  });

  test('stands beside its attempts: results over revisions, duration, how intermittent it is', async () => {
    await reads('↻ intermittent: 10 %, 95 % interval 4 % to 20 %, 3 of 30 attempts');
    await reads('Takes about 40 ms, slower by 2 ms a campaign');
    await reads('✗✓ passed on retry');
    expect(page.querySelector('[aria-label="3 campaigns: 1 passed, 1 passed on retry and 1 failed"]')).not.toBeNull();
    expect(asked.find(({ environmentFile }) => environmentFile === '/workspace/environment.yaml')).toBeDefined();
  });

  test('is put into quarantine with owner and reason, which is said, and taken out', async () => {
    await reads('Put into quarantine…');
    await act(async () => stores.get(createActions).performAction('campaigns.quarantine'));
    await reads('Who mends it');
    await act(async () =>
      stores.get(createTestHistory).changeQuarantine({ kind: 'put', owner: 'alice', reason: 'a race', reference: '', days: 30 }, 'done'),
    );
    await reads('for 14 days, not 30 days');
    await act(async () =>
      stores.get(createTestHistory).changeQuarantine({ kind: 'put', owner: 'alice', reason: 'a race', reference: 'EX-1', days: 5 }, 'done'),
    );
    await reads('alice mends it');
    await reads('EX-1');
    await press('Take out');
    await vi.waitFor(() => expect(text()).not.toContain('alice mends it'));
    await reads('Put into quarantine…');
  });

  test('one of which nothing is known says so, and can go into quarantine all the same', async () => {
    await act(async () => stores.get(createCampaignTests).choose(rowMade('unheard')));
    await reads('Nothing is known of a test unheard');
    await reads('Put into quarantine…');
  });
});

describe('links to the radiator', () => {
  test('are made, told once, and revoked; what is refused is said', async () => {
    await show(CampaignsView);
    await act(async () => stores.get(createActions).performAction('campaigns.links'));
    await reads('There is no link yet.');
    await act(async () => stores.get(createRadiatorLinks).makeLink('kitchen'));
    await reads('kitchen');
    await reads('/radiator#token-of-kitchen');
    await act(async () => stores.get(createRadiatorLinks).readLinks());
    await vi.waitFor(() => expect(document.body.textContent).not.toContain('token-of-kitchen'));
    await act(async () => stores.get(createRadiatorLinks).revokeLink('0123abcd'));
    await reads('There is no link yet.');
    linksRefused = true;
    await act(async () => stores.get(createRadiatorLinks).readLinks());
    await reads('decided on the machine of a served core');
  });
});

describe('what is red', () => {
  test('is looked at by whoever says so, and taken back', async () => {
    campaigns = [summaryMade(2, { outcome: 'failed', endedAt: 1_500_000, results: counts({ failed: 2 }) })];
    await show(CampaignsView);
    await reads('failed');
    await act(async () => stores.get(createActions).performAction('campaigns.look'));
    await reads('eve looked');
    await act(async () => stores.get(createActions).performAction('campaigns.look'));
    await vi.waitFor(() => expect(document.body.textContent).not.toContain('eve looked'));
  });
});

describe('the radiator', () => {
  test('shows the state of each campaign, its last green and the address; a lost core; Escape leaves', async () => {
    campaigns = [
      summaryMade(3, { outcome: 'failed', endedAt: 3_500_000, results: counts({ failed: 2, passed: 2 }) }),
      summaryMade(1, { outcome: 'passed', endedAt: 1_500_000 }),
    ];
    await act(async () => stores.get(createRadiator).show());
    await show(Radiator);
    await reads('2 red');
    expect(text()).toMatch(/red since.*rc3/);
    expect(text()).toMatch(/last green.*rc1/);
    expect(location.hash).toBe('#/radiator');
    expect(all('button, a, input')).toEqual([]);
    await act(async () => stores.get(createSession).setState({ connection: { kind: 'lost', coreEnd: null, since: 1_000 } }));
    await reads('Not live');
    expect(stores.get(createCampaigns).getState().campaigns).toHaveLength(2);
    await act(async () => void window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })));
    expect([stores.get(createRadiator).getState().shown, location.hash]).toEqual([false, '']);
  });
});

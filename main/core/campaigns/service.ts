/** What the contract asks about campaigns, answered. */
import { basename, dirname } from 'node:path';
import type { Clock } from '#platform/clock.ts';
import { compareCampaigns } from '#shared/campaign/compare-campaigns.ts';
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import { refusalText } from '#shared/campaign/scheduling/refusals.ts';
import { isRed, testResults, type CampaignId, type SuiteName, type TestId } from '#shared/campaign/words.ts';
import type { campaignMethods, campaignStreams } from '#shared/contract/campaigns.ts';
import type { campaignTextMethods } from '#shared/contract/campaign-texts.ts';
import type { radiatorMethods } from '#shared/contract/radiator.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { Ownership, type Owned } from '#shared/disposable.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import { asPlain } from '../contract/plain-problem.ts';
import type { Caller, Decoded, MethodTable, StreamTable } from '../contract/method-tables.ts';
import { Change, pause, producedStream } from '../contract/produced-stream.ts';
import { operatorOf } from '../environments/operators.ts';
import type { CampaignPlaces } from '../ports.ts';
import { repositoryState } from '../workspace/repository-state.ts';
import { act } from './acts.ts';
import { Campaigns, type CampaignsParts } from './campaigns.ts';
import type { EnvironmentCampaigns } from './environment-campaigns.ts';
import { exportCampaign } from './export/export.ts';
import { readCampaigns, readQuarantine, readSuites } from './files/campaign-files.ts';
import { campaignTexts } from './files/campaign-texts.ts';
import { withEntry, withExtension, withoutEntry } from './files/quarantine-edit.ts';
import { changeQuarantine } from './files/quarantine-file.ts';
import { flakyOf, historyOf } from './history/history-answers.ts';
import { quarantinedIn, type Quarantined } from './quarantine.ts';
import { campaignWithoutPlan } from './ledger-problems.ts';
import { packageOf } from './packages.ts';
import { radiatorService } from './radiator.ts';
import { placesOf } from './campaign-places.ts';
import { makePlan, readCampaignFile } from './start.ts';
import { attemptsOf } from './view/attempts.ts';
import { ToldCampaigns } from './view/told-campaigns.ts';
import { lanesOf } from './view/lanes.ts';
import { quarantinedTests, rowOf, rowsOf, viewOf } from './view/campaign-view.ts';
import { toldWaitOf } from './view/waits.ts';

export interface CampaignServiceParts extends CampaignsParts {
  readonly softwareVersion: string;
  /** The name under which what a console does is recorded. */
  readonly nameOf: (caller: Caller) => string;
}

/** ms between two items of a live campaign. */
const liveInterval = 250;
/** Bytes of evidence that a screen is given. */
const longestEvidence = 4_000_000;

export interface CampaignService extends Owned {
  readonly methods: MethodTable<keyof typeof campaignMethods | keyof typeof radiatorMethods | keyof typeof campaignTextMethods>;
  readonly streams: StreamTable<keyof typeof campaignStreams>;
  /** Takes up what a core before this one left. */
  resume(): Promise<void>;
  /** What monitoring systems are told. */
  readonly told: ToldCampaigns;
  /** What has to be known of them before a console of another machine reaches one. */
  readonly places: CampaignPlaces;
}

export function openCampaignService(parts: CampaignServiceParts): CampaignService {
  const ownership = new Ownership();
  const campaigns = ownership.own(new Campaigns(parts));
  const { clock } = parts;
  return {
    methods: {
      'suites.list': async ({ folder }) => {
        const { suites, problems } = await readSuites(folder);
        return {
          suites: suites.map(({ name, file, content, problems: own }) => ({
            name,
            file,
            title: content?.title ?? name,
            adapter: content?.adapter ?? null,
            problems: own.map(asPlain),
          })),
          problems: problems.map(asPlain),
        };
      },
      'campaigns.files': async ({ folder }) => ({
        files: (await readCampaigns(folder)).map(({ file, content, problems }) => ({
          name: content?.campaign ?? basename(file).replace(/\.ya?ml$/, ''),
          file,
          title: content?.title ?? content?.campaign ?? basename(file),
          problems: problems.map(asPlain),
        })),
      }),
      'campaign.start': (request, caller) => startCampaign(parts, campaigns, request, caller),
      'campaign.act': async ({ campaign, action }, caller) => {
        const attended = await campaigns.reach(campaign);
        await act(attended, campaign, action, { operator: operatorOf(caller.operator, null), clock });
        return {};
      },
      'campaign.look': async ({ campaign, looked }, caller) => {
        const { plan, tests } = (await campaigns.state(campaign)).state;
        if (!plan) throw campaignWithoutPlan(campaign);
        if (looked && !testResults.some((result) => isRed(result) && tests.countOf(result) > 0))
          throw new ProblemError({
            code: 'nothing-red',
            message: `Nothing of the campaign ${campaign} is red, so there is nothing to look at.`,
          });
        const look = looked ? { operator: parts.nameOf(caller), at: clock.now() } : null;
        await campaigns.sayLooked(plan.environment, campaign, look);
        return {};
      },
      'campaigns.list': async ({ environmentFile }) => {
        if (environmentFile !== undefined) await campaigns.attend(environmentFile);
        return { campaigns: [...(await campaigns.list())] };
      },
      'campaign.show': async ({ campaign }) => shown(campaigns, campaign, clock),
      'campaign.tests': async ({ campaign, offset, limit, ...filter }) => {
        const { state } = await campaigns.state(campaign);
        return rowsOf(state, filter, offset, limit, clock.now());
      },
      'campaign.test': async ({ campaign, suite, test }) => {
        const { state, attended } = await campaigns.state(campaign);
        return testOf(state, attended, suite, test, clock.now());
      },
      'campaign.lanes': async ({ campaign, from, to }) => lanesOf((await campaigns.state(campaign)).state, from, to),
      'campaign.evidence': async ({ campaign, evidence }) => {
        const attended = await campaigns.reach(campaign);
        const bytes = await attended.blobs.read(evidence.hash, 0, Math.min(evidence.bytes, longestEvidence));
        const isText = evidence.type.startsWith('text/') || /json|xml|yaml/.test(evidence.type);
        return isText
          ? { kind: 'text', content: Buffer.from(bytes).toString('utf8') }
          : { kind: 'base64', content: Buffer.from(bytes).toString('base64') };
      },
      'campaigns.compare': async ({ campaign, with: other }) => {
        const [now, before] = [await campaigns.state(campaign), await campaigns.state(other)];
        return { differences: differencesOf(before.state, now.state) };
      },
      'campaign.export': async ({ campaign, format, path }) => {
        const blobs = await campaigns.blobsOf(campaign);
        return exportCampaign({ records: () => campaigns.records(campaign), blobs, now: clock.now() }, format, path);
      },
      'campaign.delete': async ({ campaign }) => {
        const { state } = await campaigns.state(campaign);
        if (!state.end)
          throw new ProblemError({ code: 'campaign-active', message: `The campaign ${campaign} goes on; stop it before it is deleted.` });
        await campaigns.remove(campaign);
        return {};
      },
      'tests.history': async ({ environmentFile, suite, test }) => {
        const { history } = await campaigns.attend(environmentFile);
        return historyOf(history, suite, test, await quarantineBeside(environmentFile));
      },
      'tests.quarantine': async ({ environmentFile, suite, test, change }) => {
        await changeQuarantine(dirname(environmentFile), (text) => quarantineAfter(text, suite, test, change, clock.now()));
        return {};
      },
      'tests.flaky': async ({ environmentFile }) => {
        const { history } = await campaigns.attend(environmentFile);
        return flakyOf(history, await quarantineBeside(environmentFile));
      },
      'workers.list': async ({ environmentFile }) => campaigns.workers(environmentFile),
      ...campaignTexts,
      ...radiatorService({ ...parts, campaigns }),
    },
    streams: {
      'campaign.live': ({ campaign }, listener) =>
        producedStream(listener, async (deliver, signal) => {
          const change = new Change();
          const stop = await follow(campaigns, campaign, change);
          try {
            const failed = new FailuresSince();
            for (;;) {
              const began = clock.monotonic();
              const view = await shown(campaigns, campaign, clock);
              const { state } = await campaigns.state(campaign);
              const item = { view, failures: failed.since(state, clock.now()) };
              const cost = clock.monotonic() - began;
              await deliver(item);
              // The campaign may have ended since its view was made; then one more view says how.
              if (view.endedAt !== null || signal.aborted) return;
              await change.wait(clock, 1_000, signal);
              // A campaign of very many tests is looked at less often, so that looking takes a tenth of the time at most.
              await pause(clock, Math.max(liveInterval, 10 * cost), signal);
              if (signal.aborted) return;
            }
          } finally {
            stop();
          }
        }),
      'campaigns.changes': (_, listener) =>
        producedStream(listener, async (deliver, signal) => {
          const change = new Change();
          const stop = campaigns.onChange(() => change.mark());
          try {
            while (!signal.aborted) {
              const active = (await campaigns.list()).filter(({ endedAt, asOf }) => endedAt === null && asOf === null).length;
              await deliver({ active });
              await change.wait(clock, 5_000, signal);
            }
          } finally {
            stop();
          }
        }),
    },
    resume: () => campaigns.resume(),
    told: new ToldCampaigns(campaigns, clock),
    places: placesOf(campaigns),
    dispose: () => ownership.dispose(),
  };
}

async function startCampaign(
  parts: CampaignServiceParts,
  campaigns: Campaigns,
  request: Decoded<'campaign.start'>,
  caller: Caller,
): Promise<MethodResponse<'campaign.start'>> {
  const { clock, source, softwareVersion } = parts;
  await source.admit?.(request.campaignFile);
  const file = await readCampaignFile(request.campaignFile, request.environmentFile);
  const described = await source.describe(file.environmentFile);
  const attended = await campaigns.attend(file.environmentFile, true);
  const { plan, problems } = await makePlan(file, request, {
    now: clock.now(),
    operator: operatorOf(caller.operator, described),
    environment: described.name,
    softwareVersion,
    workspaceCommit: await repositoryState(file.workspace),
    revision: described.release?.kind === 'value' ? described.release.value : null,
    failedOf: request.failedOf === undefined ? null : (await campaigns.state(request.failedOf)).state,
    makePackage: (suite, suiteFile) => packageOf(suite, suiteFile, attended.blobs),
  });
  const ledger = await attended.store.ledgers.create(plan.campaign);
  try {
    await ledger.append(0, [{ sequence: 1, time: clock.now(), kind: 'campaign-started', plan }]);
  } finally {
    await ledger.dispose();
  }
  await attended.look();
  return { campaign: plan.campaign, problems: problems.map(asPlain) };
}

/** What the workspace of an environment file has in quarantine now. */
async function quarantineBeside(environmentFile: string): Promise<Quarantined> {
  const { entries } = await readQuarantine(dirname(environmentFile));
  return quarantinedIn(entries);
}

function quarantineAfter(text: string, suite: SuiteName, test: TestId, change: Decoded<'tests.quarantine'>['change'], now: number): string {
  switch (change.kind) {
    case 'put': {
      const { owner, reason, reference, days } = change;
      return withEntry(text, { suite, test, owner, reason, days, ...(reference !== '' && { reference }) }, now);
    }
    case 'extend':
      return withExtension(text, suite, test, change.days);
    case 'take-out':
      return withoutEntry(text, suite, test);
  }
}

async function shown(campaigns: Campaigns, campaign: CampaignId, clock: Clock): Promise<MethodResponse<'campaign.show'>> {
  const { state, attended, isCopy } = await campaigns.state(campaign);
  const knowledge = attended?.knowledge(campaign) ?? null;
  const view = viewOf(state, clock.now(), { knowledge, isCopy, elsewhere: attended ? !attended.store.isHere : isCopy });
  if (!view) throw campaignWithoutPlan(campaign);
  return { ...view, lookedAt: (await campaigns.lookedAt.of(view.environment)).get(campaign) ?? null };
}

function testOf(
  state: CampaignState,
  attended: EnvironmentCampaigns | null,
  suite: SuiteName,
  test: TestId,
  now: number,
): MethodResponse<'campaign.test'> {
  const number = state.numberOf(suite, test);
  const row = number === undefined ? null : rowOf(state, number, quarantinedTests(state, now));
  if (number === undefined || !row)
    throw new ProblemError({ code: 'unknown-test', message: `The campaign has no test ${test} in the suite ${suite}.` });
  const unit = row.state === 'waiting' ? state.tests.unitOf(number) : undefined;
  return { row, attempts: attemptsOf(state, number), waits: unit === undefined ? null : whyItWaits(state, attended, unit, now) };
}

/** As the coordinator decides it here, else as it told it last. */
function whyItWaits(state: CampaignState, attended: EnvironmentCampaigns | null, unit: number, now: number): string | null {
  const { plan } = state;
  const coordinator = plan && attended?.active(plan.campaign) ? attended.coordinator : null;
  if (!coordinator) return toldWaitOf(state, unit);
  const refusal = coordinator.scheduler.admit(state, unit, null, now);
  return refusal ? refusalText(refusal) : null;
}

function differencesOf(before: CampaignState, now: CampaignState): MethodResponse<'campaigns.compare'>['differences'] {
  const found = compareCampaigns(before, now);
  const none = { durationBefore: null, durationNow: null };
  const rows = (kind: 'newly failing' | 'newly passing' | 'new' | 'gone', tests: typeof found.added) =>
    tests.map(({ suite, test, before, after }) => ({ kind, suite, test, before, now: after, ...none }));
  return [
    ...rows('newly failing', found.newlyFailing),
    ...rows('newly passing', found.newlyPassing),
    ...found.slower.map(({ suite, test, before, after, durationBefore, durationAfter }) => ({
      kind: 'slower' as const,
      suite,
      test,
      before,
      now: after,
      durationBefore,
      durationNow: durationAfter,
    })),
    ...rows('new', found.added),
    ...rows('gone', found.gone),
  ];
}

/** Marks each change of a campaign, also while another core has it. */
async function follow(campaigns: Campaigns, campaign: CampaignId, change: Change): Promise<() => void> {
  const attended = await campaigns.of(campaign).catch((failure: unknown) => {
    if (problemOf(failure).code === 'no-campaign') return null;
    throw failure;
  });
  const active = attended?.active(campaign);
  const stops = [active?.onChange(() => change.mark()), campaigns.onChange(() => change.mark())];
  const early = attended?.coordinator?.onEarlyVerdict((told) => {
    if (told.campaign === campaign) change.mark();
  });
  return () => {
    for (const stop of [...stops, early]) stop?.();
  };
}

/** Red tests that were not red at the look before, or were tried again since. */
class FailuresSince {
  /** How many verdicts each had when it was told. */
  private readonly known = new Map<number, number>();
  private first = true;

  since(state: CampaignState, now: number): MethodResponse<'campaign.tests'>['rows'] {
    const quarantined = quarantinedTests(state, now);
    const fresh: number[] = [];
    for (let number = 0; number < state.tests.size; number++) {
      const result = state.tests.resultOf(number);
      const verdicts = state.tests.attemptsOf(number).length;
      if (result === null || !isRed(result) || this.known.get(number) === verdicts) continue;
      this.known.set(number, verdicts);
      fresh.push(number);
    }
    // Who begins to look is told what stands already by the campaign's groups of failures.
    if (this.first) fresh.splice(0);
    this.first = false;
    return fresh.slice(0, 1_000).flatMap((number) => rowOf(state, number, quarantined) ?? []);
  }
}

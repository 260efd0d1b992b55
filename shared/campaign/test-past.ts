/**
 * What earlier campaigns told of one test, within bounds however many there were: the latest campaigns one by one, those before them by what
 * was under test, and what came of the oldest. How intermittent it is, and whether it is past its burn-in, follows from this and nothing else.
 */
import { z } from 'zod';
import { failureRate, flakinessOf, runsThatProve, type Flakiness, type Observation } from './flakiness.ts';
import { campaignIdSchema, isTriedAgain, testIdSchema, verdictSchema, type CampaignId, type Verdict } from './words.ts';

/** Campaigns that are remembered one by one, the latest. */
export const rememberedCampaigns = 30;
/** Revisions before those that are remembered with their counts. */
const rememberedRevisions = 10;
/** Attempts of the oldest from which on they count half: a test that was mended is not held to its past for ever. */
const mostSettled = 600;
/** Disagreements from which on a test is called intermittent; a single one may have been anything. */
const provingDisagreements = 2;
/** Passes in a row that end the burn-in of a new test: so many prove a rate below a tenth. */
export const burnInRuns = runsThatProve(0.1);

const count = z.number().min(0);
const counts = z.object({ passed: count, failed: count });

/** An attempt that a cause is told of. */
export const citedAttemptSchema = z.object({
  attempt: z.int().min(1),
  worker: z.string(),
  server: z.string().nullable(),
  verdict: verdictSchema,
  message: z.string().nullable(),
});

/** What a failure most likely comes of, as far as its campaign told. */
export const toldCauseSchema = z.object({
  kind: z.enum(['infrastructure', 'environment', 'product', 'test', 'not known']),
  text: z.string(),
  /** Some of the attempts that say so. */
  attempts: z.array(citedAttemptSchema),
});
export type ToldCause = z.infer<typeof toldCauseSchema>;

const campaignSchema = z.object({
  campaign: campaignIdSchema,
  revision: z.string(),
  package: z.string().nullable(),
  verdicts: z.array(verdictSchema),
  duration: z.number(),
  /** Attempts that say something of the test itself; absent: all of them do. */
  counted: counts.optional(),
  /** So much failed in this campaign that nothing in it says anything of one test. */
  storm: z.literal(true).optional(),
  cause: toldCauseSchema.optional(),
});
export type PastCampaign = z.infer<typeof campaignSchema>;

export const testPastSchema = z.object({
  test: testIdSchema,
  group: z.string(),
  /** ms; null: it never came to its end. */
  duration: z.number().min(0).nullable(),
  /** Of each campaign its attempts at the test, the latest campaign last. */
  campaigns: z.array(campaignSchema),
  /** Of campaigns before those. */
  earlier: z.array(z.object({ revision: z.string(), package: z.string().nullable(), ...counts.shape })).optional(),
  settled: z.object({ failures: count, attempts: count }).optional(),
  /** Passes since it last went wrong. */
  passes: z.int().min(0).optional(),
  /** Whether it ever passed so often in a row that it is not new any more. */
  burntIn: z.boolean().optional(),
});
export type TestPast = z.infer<typeof testPastSchema>;

/** The past with one more campaign; one that is there already takes its own place. */
export function withCampaign(past: Pick<TestPast, 'test' | 'group' | 'duration'> & Partial<TestPast>, told: PastCampaign): TestPast {
  const before = (past.campaigns ?? []).filter(({ campaign }) => campaign !== told.campaign);
  const isKnown = before.length < (past.campaigns ?? []).length;
  const passes = isKnown ? (past.passes ?? 0) : passesAfter(past.passes ?? passesOf(before), told);
  const next: TestPast = {
    ...past,
    campaigns: [...before, told].slice(-rememberedCampaigns),
    passes,
    burntIn: (past.burntIn ?? passesOf(before) >= burnInRuns) || passes >= burnInRuns,
  };
  const [leaving] = before.length >= rememberedCampaigns ? before : [];
  return leaving ? withEarlier(next, leaving) : next;
}

function withEarlier(past: TestPast, leaving: PastCampaign): TestPast {
  const { passed, failed } = countedOf(leaving);
  const { revision, package: hash } = leaving;
  const earlier = [...(past.earlier ?? [])];
  const same = earlier.findIndex((each) => each.revision === revision && each.package === hash);
  const known = earlier[same] ?? { passed: 0, failed: 0 };
  if (same >= 0) earlier.splice(same, 1);
  earlier.push({ revision, package: hash, passed: known.passed + passed, failed: known.failed + failed });
  const oldest = earlier.length > rememberedRevisions ? earlier.shift() : undefined;
  return { ...past, earlier, settled: withSettled(past.settled ?? { failures: 0, attempts: 0 }, oldest) };
}

/** Only what also passed tells something: what never did was broken. */
function withSettled(settled: NonNullable<TestPast['settled']>, oldest: { readonly passed: number; readonly failed: number } | undefined) {
  if (!oldest || oldest.passed === 0) return settled;
  const failures = settled.failures + oldest.failed;
  const attempts = settled.attempts + oldest.passed + oldest.failed;
  return attempts > mostSettled ? { failures: failures / 2, attempts: attempts / 2 } : { failures, attempts };
}

/** Attempts of a campaign that say something of the test. */
export function countedOf({ counted, verdicts }: Pick<PastCampaign, 'counted' | 'verdicts'>): { passed: number; failed: number } {
  if (counted) return counted;
  const of = (...wanted: readonly Verdict[]): number => verdicts.filter((each) => wanted.includes(each)).length;
  return { passed: of('passed'), failed: of('failed', 'broken') };
}

function passesOf(campaigns: readonly PastCampaign[]): number {
  return campaigns.reduce(passesAfter, 0);
}

/** A campaign in which it went wrong begins the count anew; one that says nothing changes nothing. */
function passesAfter(passes: number, told: PastCampaign): number {
  const { passed, failed } = countedOf(told);
  if (failed > 0) return told.verdicts.at(-1) === 'passed' ? 1 : 0;
  return passes + passed;
}

export interface PastFlakiness extends Flakiness {
  /** `suspected`: it disagreed with itself once, which may have been anything. */
  readonly judgement: 'steady' | 'suspected' | 'intermittent';
}

export function flakinessOfPast({ campaigns, earlier = [], settled = { failures: 0, attempts: 0 } }: TestPast): PastFlakiness {
  const lately = flakinessOf([...campaigns.flatMap(observationsOf), ...earlier.flatMap(observationsOf)]);
  const [failures, attempts] = [lately.failures + settled.failures, lately.attempts + settled.attempts];
  const judgement = failures >= provingDisagreements ? 'intermittent' : failures > 0 ? 'suspected' : 'steady';
  return { ...failureRate(failures, attempts), failures, attempts, intermittent: failures > 0, judgement };
}

function observationsOf(
  told: Pick<Observation, 'revision' | 'package'> & (PastCampaign | { readonly passed: number; readonly failed: number }),
): Observation[] {
  const { passed, failed } = 'verdicts' in told ? countedOf(told) : told;
  const place = { revision: told.revision, package: told.package, environment: '' };
  const repeated = (verdict: Verdict, times: number): Observation[] => Array.from({ length: times }, () => ({ ...place, verdict }));
  return [...repeated('passed', passed), ...repeated('failed', failed)];
}

export function burnInOf({ campaigns, passes, burntIn }: TestPast): {
  readonly passes: number;
  readonly wanted: number;
  readonly over: boolean;
} {
  const inRow = passes ?? passesOf(campaigns);
  return { passes: inRow, wanted: burnInRuns, over: (burntIn ?? false) || inRow >= burnInRuns };
}

/** The latest campaign in which it disagreed with itself, or went wrong at a revision at which it also passed. */
export function lastDisagreement({ campaigns, earlier = [] }: TestPast): PastCampaign | null {
  const passedAt = (wanted: PastCampaign): boolean =>
    [...campaigns, ...earlier].some((each) => {
      const { passed } = 'verdicts' in each ? countedOf(each) : each;
      return passed > 0 && each.revision === wanted.revision && each.package === wanted.package;
    });
  return campaigns.findLast((each) => countedOf(each).failed > 0 && passedAt(each)) ?? null;
}

/** ms since 1970 at which a campaign was started, as its id says. */
export function startOf(campaign: CampaignId): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(campaign) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Whether a verdict is one that a cause is looked for. */
export function wantsCause(verdicts: readonly Verdict[]): boolean {
  return verdicts.some(isTriedAgain);
}

/**
 * The words of campaigns: what a suite, a test, a unit, a server, a lease and a verdict are, and how they look.
 *
 * A suite is a set of tests of one kind, listed by an adapter. A test is one entry of it, named as its framework names it. A unit is the
 * smallest thing that is executed apart: mostly one test, sometimes a file or a serial group. A server is an environment under test. A
 * worker is a daemon that executes units. A lease gives one attempt of a unit to one worker; its fence tells it from every other.
 */
import { z } from 'zod';
import { nameSchema } from '#shared/identifiers.ts';

/** `20261120T221735Z-nightly-3f9a`: start time (UTC), name of the campaign, random part. Also the name of its folder. */
export const campaignIdSchema = z
  .string()
  .regex(/^[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9_-]{1,64}-[0-9a-f]{4,12}$/, 'not the id of a campaign')
  .brand<'CampaignId'>();
export type CampaignId = z.infer<typeof campaignIdSchema>;

export const suiteNameSchema = nameSchema.brand<'SuiteName'>();
export type SuiteName = z.infer<typeof suiteNameSchema>;

export const serverNameSchema = nameSchema.brand<'ServerName'>();
export type ServerName = z.infer<typeof serverNameSchema>;

/** Characters that the id of a test may have; frameworks put whole parameters into it. */
export const longestTestId = 4_000;

/** As its framework names it; unique within its suite. */
export const testIdSchema = z.string().min(1).max(longestTestId).brand<'TestId'>();
export type TestId = z.infer<typeof testIdSchema>;

/** The adapters: how tests of a kind are listed and executed. */
export const adapters = ['pytest', 'playwright', 'vitest', 'go', 'junit', 'allure', 'executable', 'scenario'] as const;
export const adapterSchema = z.enum(adapters);
export type Adapter = z.infer<typeof adapterSchema>;

/**
 * How an attempt at a test ended. `broken`: it could not be judged (an error outside its checks, a time limit). `missing`: its runner came to
 * its end without a word about it; an exit status never stands for a verdict.
 */
export const verdicts = ['passed', 'failed', 'broken', 'skipped', 'missing'] as const;
export const verdictSchema = z.enum(verdicts);
export type Verdict = z.infer<typeof verdictSchema>;

/** What is said of a test in the end. `passed on retry` is never `passed`; `not run` is what a stopped campaign leaves. */
export const testResults = [...verdicts, 'passed on retry', 'infrastructure', 'not run'] as const;
export const testResultSchema = z.enum(testResults);
export type TestResult = z.infer<typeof testResultSchema>;

/** Whether a verdict is one after which the test may be tried again. */
export function isTriedAgain(verdict: Verdict): boolean {
  return verdict === 'failed' || verdict === 'broken' || verdict === 'missing';
}

/** Whether a result keeps a campaign from being green. */
export function isRed(result: TestResult): boolean {
  return result === 'failed' || result === 'broken' || result === 'missing' || result === 'infrastructure';
}

/**
 * How a lease ended. Only `done` and `stopped` say something about the unit; after the others what has no verdict is executed again, and it
 * counts as trouble of the infrastructure.
 */
export const leaseEnds = ['done', 'runner-lost', 'worker-lost', 'server-lost', 'set-up-failed', 'refused', 'stopped'] as const;
export const leaseEndSchema = z.enum(leaseEnds);
export type LeaseEnd = z.infer<typeof leaseEndSchema>;

/** Whether a lease that ended so says nothing about its unit. */
export function isTrouble(end: LeaseEnd): boolean {
  return end !== 'done' && end !== 'stopped';
}

/** Where a server stands. `out`: its deployment failed, or somebody took it out; nothing is executed on it. */
export const serverStates = ['waiting', 'deploying', 'ready', 'lost', 'out'] as const;
export const serverStateSchema = z.enum(serverStates);
export type ServerState = z.infer<typeof serverStateSchema>;

export const campaignOutcomes = ['passed', 'failed', 'stopped', 'not executed'] as const;
export const campaignOutcomeSchema = z.enum(campaignOutcomes);
export type CampaignOutcome = z.infer<typeof campaignOutcomeSchema>;

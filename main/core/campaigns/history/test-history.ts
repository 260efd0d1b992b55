/**
 * What earlier campaigns of an environment told of its tests: how long each takes, whether it failed the last time, and how its last attempts
 * ended at which revision. A file per suite, written whole when a campaign ends; only what came to its own end is learnt from.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import { Durations, type KnownDuration } from '#shared/campaign/durations.ts';
import type { PlanningHistory } from '#shared/campaign/planning.ts';
import {
  campaignIdSchema,
  isRed,
  suiteNameSchema,
  testIdSchema,
  verdictSchema,
  type SuiteName,
  type TestId,
} from '#shared/campaign/words.ts';

/** Campaigns that are remembered of each test, the latest. */
const remembered = 30;

const entrySchema = z.object({
  test: testIdSchema,
  group: z.string(),
  /** ms; null: it never came to its end. */
  duration: z.number().min(0).nullable(),
  /** Of each campaign its attempts at the test, the latest campaign last. */
  campaigns: z.array(
    z.object({
      campaign: campaignIdSchema,
      revision: z.string(),
      package: z.string().nullable(),
      verdicts: z.array(verdictSchema),
      duration: z.number(),
    }),
  ),
});
const fileSchema = z.object({ suite: suiteNameSchema, tests: z.array(entrySchema) });
export type TestPast = z.infer<typeof entrySchema>;

export class TestHistory implements PlanningHistory {
  readonly durations: Durations;
  private readonly folder: string;
  private readonly suites: Map<SuiteName, Map<TestId, TestPast>>;
  private turn: Promise<void> = Promise.resolve();

  private constructor(folder: string, suites: Map<SuiteName, Map<TestId, TestPast>>) {
    this.folder = folder;
    this.suites = suites;
    this.durations = new Durations(knownDurations(suites));
  }

  /** What the folder holds; a file that cannot be read is as none. */
  static async open(folder: string): Promise<TestHistory> {
    const names = await readdir(folder).catch(() => []);
    const suites = new Map<SuiteName, Map<TestId, TestPast>>();
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const text = await readFile(join(folder, name), 'utf8').catch(() => '');
      const decoded = fileSchema.safeParse(parsed(text));
      if (decoded.success) suites.set(decoded.data.suite, new Map(decoded.data.tests.map((entry) => [entry.test, entry])));
    }
    return new TestHistory(folder, suites);
  }

  expected(suite: SuiteName, group: string, test: TestId): number | null {
    return this.durations.expected(suite, group, test);
  }

  failedBefore(suite: SuiteName, test: TestId): boolean {
    const verdict = this.of(suite, test)?.campaigns.at(-1)?.verdicts.at(-1);
    return verdict !== undefined && isRed(verdict);
  }

  of(suite: SuiteName, test: TestId): TestPast | undefined {
    return this.suites.get(suite)?.get(test);
  }

  /** Takes in a campaign that has ended, and keeps what it told. */
  learn(state: CampaignState): Promise<void> {
    const changed = new Set<SuiteName>();
    for (let number = 0; number < state.tests.size; number++) {
      const suite = this.learnTest(state, number);
      if (suite !== null) changed.add(suite);
    }
    this.turn = this.turn.then(async () => {
      for (const suite of changed) await this.write(suite);
    });
    return this.turn;
  }

  private learnTest(state: CampaignState, number: number): SuiteName | null {
    const named = state.testAt(number);
    const attempts = state.tests.attemptsOf(number);
    const { plan } = state;
    if (!named || !plan || attempts.length === 0) return null;
    const { suite, test, unit } = named;
    const tests = this.suites.get(suite) ?? new Map<TestId, TestPast>();
    this.suites.set(suite, tests);
    const before = tests.get(test)?.campaigns.filter(({ campaign }) => campaign !== plan.campaign) ?? [];
    const hash = state.suites.get(suite)?.plan.package?.hash ?? null;
    const now = {
      campaign: plan.campaign,
      revision: plan.revision,
      package: hash,
      verdicts: attempts.map(({ verdict }) => verdict.verdict),
      duration: attempts.at(-1)?.verdict.duration ?? 0,
    };
    const duration = this.durations.of(suite, test) ?? null;
    tests.set(test, { test, group: unit.group, duration, campaigns: [...before, now].slice(-remembered) });
    return suite;
  }

  private async write(suite: SuiteName): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const tests = [...(this.suites.get(suite)?.values() ?? [])];
    await writeAtomically(join(this.folder, `${suite}.json`), `${JSON.stringify({ suite, tests })}\n`, { mode: 0o600 });
  }
}

function* knownDurations(suites: ReadonlyMap<SuiteName, ReadonlyMap<TestId, TestPast>>): Iterable<KnownDuration> {
  for (const [suite, tests] of suites) {
    for (const { test, group, duration } of tests.values()) if (duration !== null) yield { suite, group, test, duration };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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
import { countedOf, testPastSchema, withCampaign, type TestPast } from '#shared/campaign/test-past.ts';
import { isRed, suiteNameSchema, type SuiteName, type TestId } from '#shared/campaign/words.ts';
import { ToldCampaign } from './told-campaign.ts';

const fileSchema = z.object({ suite: suiteNameSchema, tests: z.array(testPastSchema) });

/** Share of attempts that fails where nothing is known yet. */
const usualFailures = 0.02;
/** Attempts that are enough to know better. */
const enoughAttempts = 200;

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

  *all(): Iterable<readonly [SuiteName, TestPast]> {
    for (const [suite, tests] of this.suites) for (const past of tests.values()) yield [suite, past];
  }

  /** Takes in a campaign that has ended, and keeps what it told. */
  learn(state: CampaignState): Promise<void> {
    const told = new ToldCampaign(state, this.usualFailures());
    const changed = new Set<SuiteName>();
    for (let number = 0; number < state.tests.size; number++) {
      const suite = this.learnTest(state, number, told);
      if (suite !== null) changed.add(suite);
    }
    this.turn = this.turn.then(async () => {
      for (const suite of changed) await this.write(suite);
    });
    return this.turn;
  }

  /** Share of attempts that failed in the campaigns that are remembered; a storm is no usual day. */
  private usualFailures(): number {
    let [failures, attempts] = [0, 0];
    for (const [, { campaigns }] of this.all()) {
      for (const campaign of campaigns) {
        const { passed, failed } = countedOf(campaign);
        failures += failed;
        attempts += passed + failed;
      }
    }
    return attempts < enoughAttempts ? usualFailures : failures / attempts;
  }

  private learnTest(state: CampaignState, number: number, told: ToldCampaign): SuiteName | null {
    const named = state.testAt(number);
    const campaign = told.of(number);
    if (!named || !campaign) return null;
    const { suite, test, unit } = named;
    const tests = this.suites.get(suite) ?? new Map<TestId, TestPast>();
    this.suites.set(suite, tests);
    const duration = this.durations.of(suite, test) ?? null;
    tests.set(test, withCampaign({ ...tests.get(test), test, group: unit.group, duration }, campaign));
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

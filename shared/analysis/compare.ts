/**
 * Compares a run with the runs of a baseline: aligns their steps, gathers facts and measured differences, and says in which order they
 * are worth a tester's time. Pure; docs/analysis.md describes the method.
 */
import { alignSteps } from './alignment.ts';
import { comparedSteps } from './compared-steps.ts';
import { minimumBaselineRuns, type ComparedRun, type Comparison, type Finding } from './comparison.ts';
import { comparability, comparedConditions, type Comparability } from './conditions.ts';
import { durationNumbers, faultFacts, faultNumbers } from './durations.ts';
import { runFacts } from './facts.ts';
import { foundAndWatched } from './families.ts';
import { logChanges } from './log-changes.ts';
import { metricFamilies } from './metric-findings.ts';
import { scanMetrics } from './metric-scan.ts';
import { testNumbers, type NumberKind } from './number-findings.ts';
import { plainMetricDifferences, plainNumberDifferences } from './plain-differences.ts';
import { componentFacts, componentNumbers, seriesPresence } from './presence.ts';
import { nameOfRuns, type ComparisonContext, type RankedFinding } from './findings.ts';
import type { RunProfile } from './profile.ts';
import { counted, countText } from '#shared/wording/counts.ts';

export interface CompareOptions {
  readonly candidateRun: ComparedRun;
  /** In the order of the baseline's profiles. */
  readonly baselineRuns: readonly ComparedRun[];
  /** In words: `rc1, last 10 accepted runs`. */
  readonly baselineName: string;
  /** Level of false discovery control; 0.05 unless told. */
  readonly falseDiscoveryRate?: number;
}

/** Findings that a comparison tells at most. */
export const mostFindings = 2_000;

/** Everything that a comparison says. */
export function compareProfiles(candidate: RunProfile, baseline: readonly RunProfile[], options: CompareOptions): Comparison {
  const found = comparability(candidate, baseline);
  const context = contextOf(candidate, baseline, found);
  const falseDiscoveryRate = options.falseDiscoveryRate ?? 0.05;
  const logs = logChanges(context);
  const facts = [...runFacts(context), ...faultFacts(context), ...componentFacts(context), ...seriesPresence(context), ...logs.facts];
  const kinds = [durationNumbers(context), faultNumbers(context), componentNumbers(context), logs.numbers];
  const measured = context.enough ? testedDifferences(context, kinds, falseDiscoveryRate) : plainDifferences(context, kinds);
  const findings = inOrder([...facts, ...measured.findings]);
  return {
    candidate: options.candidateRun,
    baselineName: options.baselineName,
    baseline: [...options.baselineRuns],
    ...verdictOf(context, found, findings),
    conditions: comparedConditions(candidate, baseline),
    steps: comparedSteps(context, findings),
    findings,
    tested: { ...measured.tested, falseDiscoveryRate },
  };
}

interface Measured {
  readonly findings: readonly RankedFinding[];
  readonly tested: Pick<Comparison['tested'], 'numbers' | 'untested'>;
}

function testedDifferences(context: ComparisonContext, kinds: readonly NumberKind[], rate: number): Measured {
  const scan = scanMetrics(context);
  const numbers = kinds.map((kind) => testNumbers(context, kind));
  const families = [...numbers.flatMap((each) => each.families), ...metricFamilies(context, scan)];
  const few = numbers.reduce((sum, { baselineWithout }) => sum + baselineWithout, scan.baselineWithout);
  const untested = [
    { reason: `fewer than ${minimumBaselineRuns} baseline runs have a value`, numbers: few },
    { reason: 'the run has no value', numbers: scan.candidateWithout },
  ];
  return {
    findings: foundAndWatched(families, rate),
    tested: {
      numbers: numbers.reduce((sum, each) => sum + each.families.length, scan.tested),
      untested: untested.filter((each) => each.numbers > 0),
    },
  };
}

function plainDifferences(context: ComparisonContext, kinds: readonly NumberKind[]): Measured {
  const metrics = plainMetricDifferences(context);
  const numbers = kinds.reduce((sum, kind) => sum + kind.numbers.length, metrics.numbers);
  const reason = `fewer than ${minimumBaselineRuns} comparable baseline runs`;
  return {
    findings: [...metrics.findings, ...kinds.flatMap((kind) => plainNumberDifferences(context, kind))],
    tested: { numbers: 0, untested: numbers > 0 ? [{ reason, numbers }] : [] },
  };
}

/** Too few comparable runs: plain differences are told against those there are, or against all where none is comparable. */
function contextOf(candidate: RunProfile, baseline: readonly RunProfile[], { comparable }: Comparability): ComparisonContext {
  const others = baseline.filter(({ run }) => run !== candidate.run);
  const runs = comparable.length === 0 ? others : comparable.flatMap((index) => baseline[index] ?? []);
  return {
    candidate,
    runs,
    enough: comparable.length >= minimumBaselineRuns,
    aligned: alignSteps(
      candidate.steps,
      runs.map(({ steps }) => steps),
    ),
    sameText: runs.some(({ scenarioHash }) => scenarioHash === candidate.scenarioHash),
    runsName: nameOfRuns(runs),
  };
}

function inOrder(ranked: readonly RankedFinding[]): Finding[] {
  const sure = ({ finding }: RankedFinding): number => (finding.status === 'confirmed' ? 0 : 1);
  const sorted = ranked.toSorted((left, right) => left.rank - right.rank || sure(left) - sure(right) || right.weight - left.weight);
  return sorted.slice(0, mostFindings).map(({ finding }) => finding);
}

function verdictOf(context: ComparisonContext, found: Comparability, findings: readonly Finding[]): Pick<Comparison, 'verdict' | 'reason'> {
  const left = found.left.map(({ reason, runs }) => `${counted(runs, 'run')} left out (${reason})`).join(', ');
  const aside = `${conditionsText(found)}${left === '' ? '' : ` ${left}.`}`;
  if (!context.enough) {
    const few =
      found.comparable.length === 0
        ? 'No baseline run is comparable'
        : `Only ${counted(found.comparable.length, 'comparable baseline run')}`;
    const reason = `${few}; a verdict needs ${minimumBaselineRuns}, so differences are told plainly.${aside}`;
    return { verdict: 'no comparable history', reason };
  }
  const confirmed = findings.filter(({ status }) => status === 'confirmed').length;
  if (confirmed === 0) return { verdict: 'no change', reason: `${unconfirmed(context, findings.length)}${aside}` };
  return { verdict: 'changed', reason: `${counted(confirmed, 'confirmed difference')} from ${context.runsName}.${aside}` };
}

/** Under which conditions the runs were chosen, and which others there are. */
function conditionsText({ comparable, under, apart }: Comparability): string {
  if (apart.runs === 0) return '';
  const aside = `${counted(apart.runs, 'run')} left out: ${apart.how}.`;
  const missing = minimumBaselineRuns - comparable.length;
  if (missing > 0) return ` ${aside} ${counted(missing, 'more accepted run')} under the candidate's conditions would be needed.`;
  return ` Compared with ${counted(comparable.length, 'run')} at ${under}; ${aside}`;
}

/** What is not confirmed may be there all the same: few runs see only large changes. */
function unconfirmed({ runsName }: ComparisonContext, listed: number): string {
  const none = `No difference from ${runsName} is confirmed`;
  if (listed === 0) return `${none}, and none is worth a look.`;
  return `${none}; ${listed === 1 ? 'one is worth a look' : `${countText(listed)} are worth a look`}.`;
}

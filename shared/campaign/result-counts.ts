/** What counts of results come to, the same wherever they are told: terminal, screens and walls. */
import { isRed, testResults, type TestResult } from './words.ts';

type ResultCounts = Readonly<Record<TestResult, number>>;

/** Tests that have their result: what was not run has none, and what is tried again is in no count. */
export function doneCount(results: ResultCounts): number {
  return testResults.reduce((sum, result) => sum + (result === 'not run' ? 0 : results[result]), 0);
}

/** Results that keep a campaign from being green. */
export function redCount(results: ResultCounts): number {
  return testResults.filter(isRed).reduce((sum, result) => sum + results[result], 0);
}

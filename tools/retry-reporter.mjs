/**
 * A reporter of vitest that writes down which tests passed only when they were tried again, with what went wrong first; into
 * the file that TESTOPS_RETRIES names. vitest's JSON report does not say it.
 */
import { writeFileSync } from 'node:fs';

export default class RetryReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const file = process.env.TESTOPS_RETRIES;
    if (!file) return;
    const retried = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (!test.diagnostic()?.flaky) continue;
        const first = test.attempts().find((attempt) => attempt.state === 'failed');
        retried.push({ file: module.moduleId, name: test.fullName.replaceAll(' > ', ' '), failure: first?.errors?.[0]?.message ?? '' });
      }
    }
    writeFileSync(file, JSON.stringify(retried));
  }
}

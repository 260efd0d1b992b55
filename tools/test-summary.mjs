/**
 * What `npm test` says last, of vitest's JSON report: which tests were skipped and why, which passed only when they were tried
 * again, and one plain line `N passed, N failed, N skipped` for whoever reads it by program.
 */

/**
 * @param {import('./test-summary.d.mts').Report} report vitest's JSON report
 * @param {string} output what the tests printed; lines that begin with `Skipped:` or `Skipped ` give reasons
 * @param {string} root folder of the project, left out of file names
 * @param {readonly import('./test-summary.d.mts').Retried[]} [retried] tests that passed only when they were tried again
 * @returns {string[]} lines; the last is the count
 */
export function summaryLines(report, output, root, retried = []) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  /** @type {Map<string, string[]>} */
  const skipped = new Map();
  for (const { name, status, assertionResults } of report.testResults) {
    // A file that could not be loaded has no tests, and has failed all the same.
    if (status === 'failed' && !assertionResults.some((each) => each.status === 'failed')) count.failed++;
    for (const each of assertionResults) {
      if (each.status === 'passed') count.passed++;
      else if (each.status === 'failed') count.failed++;
      else {
        count.skipped++;
        const file = within(root, name);
        skipped.set(file, [...(skipped.get(file) ?? []), each.fullName]);
      }
    }
  }
  const lines = [];
  for (const [file, names] of skipped) {
    lines.push(`Skipped in ${file}:`, ...names.map((each) => `  ${each}`));
  }
  if (skipped.size > 0) lines.push(...reasonsIn(output));
  lines.push(...retriedLines(retried, root));
  return [...lines, `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`];
}

/**
 * A test that passes now and then is a fault, of the test or of the product.
 * @param {readonly import('./test-summary.d.mts').Retried[]} retried
 * @param {string} root
 */
function retriedLines(retried, root) {
  if (retried.length === 0) return [];
  const failures = retried.flatMap(({ file, name, failure }) => {
    const [line = ''] = failure.split('\n');
    return [`  ${within(root, file)}: ${name}`, ...(line === '' ? [] : [`    ${line}`])];
  });
  const names = retried.map(({ name }) => name).join('; ');
  return ['Failed first, and passed when tried again, which is a fault to mend:', ...failures, `${retried.length} retried: ${names}`];
}

/**
 * @param {string} root
 * @param {string} file
 */
function within(root, file) {
  return file.startsWith(root) ? file.slice(root.length).replace(/^[\\/]/, '') : file;
}

/** @param {string} output */
function reasonsIn(output) {
  // eslint-disable-next-line no-control-regex -- colours are control characters
  const plain = output.replaceAll(/\u001B\[[0-9;]*m/g, '');
  const reasons = new Set(
    plain
      .split(/\r?\n/)
      .filter((line) => /^\s*skipped\b/i.test(line))
      .map((line) => line.trim()),
  );
  return reasons.size === 0 ? [] : ['Why:', ...[...reasons].map((reason) => `  ${reason}`)];
}

/** Reports in Chromium as a reader has them: nothing is blocked, loaded or run, both themes are accessible, and they print. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparisonReport } from '#main/core/reports/comparison-report.ts';
import { releaseReport } from '#main/core/reports/release-report.ts';
import { archiveSampleRun, startedAt } from '../main/core/reports/sample-run.ts';
import { sampleComparison, sampleEvidence, sampleSheet } from '../main/core/reports/sample-comparison.ts';
import { root, runCommand } from './console-command.ts';

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => existsSync(file));
const skipped = program === undefined && process.env['CI'] !== 'true';
if (skipped) process.stdout.write('Reports are not looked at in a browser, for want of chromium (Debian package chromium).\n');
const axe = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

describe.skipIf(skipped)('reports in a browser', { timeout: 60_000 }, () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-reports-'));
    browser = await chromium.launch({ executablePath: program ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
    const archive = join(folder, 'archive');
    await mkdir(archive);
    const run = await archiveSampleRun(archive);
    const written = await runCommand(['report', run, '--format', 'html', '--output', join(folder, 'run.html')], { archive });
    if (written.status !== 0) throw new Error(written.errors);
    const comparison = sampleComparison();
    const evidence = new Map(comparison.findings.map(({ id }) => [id, sampleEvidence()]));
    const units = new Map([['Engine.metric_0', 'ms' as const]]);
    const made = { softwareVersion: '0.1.0', madeAt: startedAt };
    await writeFile(join(folder, 'comparison.html'), comparisonReport({ comparison, evidence, units, remarks: [], ...made }));
    await writeFile(join(folder, 'release.html'), releaseReport({ sheet: sampleSheet(), ...made }));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['run', 'comparison', 'release'])('%s', async (name) => {
    const address = `file://${join(folder, `${name}.html`)}`;
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
    const page = await context.newPage();
    const told: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(String(error)));
    page.on('dialog', (dialog) => told.push(dialog.message()));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(address);
    // Its policy lets its own style in: the page is not bare.
    expect(await page.evaluate(() => getComputedStyle(document.body).maxWidth)).toBe('1120px');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(told).toEqual([]);
    expect(asked).toEqual([address]);
    // A script that had come in would not run: the policy refuses it.
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      return 'ran' in window;
    });
    expect(ran).toBe(false);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.toString('latin1')).toMatch(/MediaBox\s*\[0 0 59[45][.\d]* 84[12]/);
    await context.close();
  });

  test.each(['run', 'comparison', 'release'])('%s is accessible in both themes', async (name) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme, bypassCSP: true });
      const page = await context.newPage();
      await page.goto(`file://${join(folder, `${name}.html`)}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach((each) => (each.open = true)));
      await page.evaluate(axe);
      const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
      expect(
        violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
        `${name}, ${colorScheme}`,
      ).toEqual([]);
      await context.close();
    }
  });
});

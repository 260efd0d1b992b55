/** The Releases view on the recorded history of the demo, and trends on a history of which the truth is known. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';
import { madeRuns, recordMadeHistory } from './release-history.ts';

const showReleases = (page: Page) => page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Releases' }).click();
const answer = (page: Page) => page.getByRole('region', { name: 'Answer' });
const candidates = (page: Page) => page.getByRole('listbox', { name: 'Release candidates' });
const questions = (page: Page) => page.getByRole('region', { name: /^Open questions/ });
const card = (page: Page, scenario: string) =>
  page.getByRole('article').filter({ has: page.getByRole('heading', { name: scenario, exact: true }) });
const readout = (page: Page) => page.getByRole('button', { name: 'Open', exact: true }).locator('..');

/** Says what the open dialog asks for; its first field has the keyboard then. */
async function confirm(page: Page): Promise<void> {
  await page.getByRole('dialog').locator(':focus').waitFor();
  await page.keyboard.press('Control+Enter');
}

async function switchTheme(page: Page): Promise<void> {
  await page.keyboard.press('Control+Alt+t');
}

describe.skipIf(missingChromium)('the Releases view', { timeout: 2 * patience }, () => {
  let folder: string;
  let opened: ConsolePage | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-releases-view-'));
    opened = await openConsole({ archive: join(folder, 'archive') });
  }, patience);
  afterAll(async () => {
    await opened?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = (): Page => {
    if (!opened) throw new Error('the console was not opened');
    return opened.page;
  };

  test('without runs it says what it is for, and takes the sample history in', async () => {
    const page = shown();
    await showReleases(page);
    await page.getByText('No release candidate was tested yet').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Load the sample history' }).click();
    // It appears by itself.
    await answer(page).getByRole('heading', { name: 'May rc3 go on?' }).waitFor({ timeout: patience });
    await answer(page).getByText('No', { exact: true }).waitFor();
    expect(await answer(page).getAttribute('data-tone')).toBe('fail');
    await expect.poll(() => candidates(page).getByRole('option').count()).toBe(3);
    await expectAccessible(page);
  });

  test('by keyboard from candidate to candidate; each has its sheet', async () => {
    const page = shown();
    await candidates(page).focus();
    await page.keyboard.press('End');
    await answer(page).getByRole('heading', { name: 'May rc1 go on?' }).waitFor();
    await answer(page).getByText('Not yet', { exact: true }).waitFor();
    expect(await answer(page).getAttribute('data-tone')).toBe('warn');
    await page.keyboard.press('ArrowUp');
    await answer(page).getByRole('heading', { name: 'May rc2 go on?' }).waitFor();
    await answer(page).getByText('Compared with rc1.').waitFor();
    await answer(page).getByText('release-check: its latest run failed.').waitFor();
    await card(page, 'release-check').getByText('changed', { exact: true }).waitFor();
    await card(page, 'failover').getByText('no comparable history', { exact: true }).waitFor();
    await expectAccessible(page);
    await switchTheme(page);
    await expectAccessible(page);
    await switchTheme(page);
  });

  test('a change is explained at its question, and then has its cause', async () => {
    const page = shown();
    const explain = questions(page).getByRole('button', { name: 'Explain…' });
    // However much changed: one question, about the most telling.
    expect(await explain.count()).toBe(1);
    await questions(page)
      .getByText(/^\d+ confirmed differences of release-check are not explained yet; first: /)
      .waitFor();
    const top = card(page, 'release-check').getByRole('listitem').first();
    const sentence = await top.getByRole('button').innerText();
    await questions(page).getByRole('listitem').filter({ hasText: sentence }).getByRole('button', { name: 'Explain…' }).click();
    await page.getByRole('dialog').getByText(sentence).waitFor();
    await page.getByRole('combobox', { name: 'Cause' }).click();
    await page.getByRole('option', { name: 'expected change' }).click();
    await page
      .getByRole('dialog')
      .getByLabel(/^Reason/)
      .fill('Meant so');
    await confirm(page);
    await top.getByText('expected change').waitFor();
    await expect.poll(() => questions(page).getByText(sentence).count()).toBe(0);
    expect(await explain.count()).toBe(1);
  });

  test('a run is decided on at its question, by key, and what another console decides is followed', async () => {
    const page = shown();
    const failover = card(page, 'failover').getByRole('table');
    await questions(page).getByRole('button', { name: 'Accept…' }).first().click();
    await confirm(page);
    await failover.getByText('accepted').waitFor();
    await page.getByText('1 run accepted.').waitFor();
    await failover.getByRole('button', { name: /^Open the run of failover/ }).focus();
    await page.keyboard.press('Control+Alt+x');
    await page.getByLabel(/^Why/).fill('it took a detour');
    await confirm(page);
    await failover.getByText('rejected').waitFor();
    await answer(page).getByText('failover: its run was rejected.').waitFor();

    const other = await opened?.context.newPage();
    if (!other || !opened) throw new Error('no second page');
    await other.goto(opened.origin);
    await showReleases(other);
    await candidates(other).getByRole('option', { name: /^rc2/ }).click();
    const theirs = card(other, 'failover').getByRole('table');
    await theirs.getByRole('button', { name: /^Accept the run of failover/ }).click();
    await confirm(other);
    await theirs.getByText('accepted').waitFor();
    await failover.getByText('accepted').waitFor();
    await answer(page).getByText('failover: its run was rejected.').waitFor({ state: 'detached' });
    await candidates(page)
      .getByRole('option', { name: /^rc2.*1 accepted/ })
      .waitFor();
    await other.close();
  });

  test('a finding leads to its evidence in Compare, with this candidate and this baseline', async () => {
    const page = shown();
    const third = card(page, 'release-check').getByRole('listitem').nth(2).getByRole('button');
    const sentence = await third.innerText();
    await third.click();
    await page.getByRole('region', { name: 'Evidence' }).getByRole('heading', { name: sentence }).waitFor({ timeout: patience });
    expect(await page.getByRole('combobox', { name: /^Candidate/ }).inputValue()).toMatch(/^rc2 +release-check/);
    expect(await page.getByRole('combobox', { name: 'Release of the baseline' }).inputValue()).toMatch(/^rc1/);
    await page.keyboard.press('Control+5');
    await answer(page).getByRole('heading', { name: 'May rc2 go on?' }).waitFor();
  });

  test('another release candidate is chosen to compare with, and remembered while the view is away', async () => {
    const page = shown();
    await candidates(page).getByRole('option', { name: /^rc3/ }).click();
    await answer(page).getByText('Compared with rc2.').waitFor();
    await page.keyboard.press('p');
    await page.getByRole('dialog', { name: 'Compare with which release candidate?' }).getByText('rc1').click();
    await answer(page).getByText('Compared with rc1.').waitFor();
    await card(page, 'release-check').getByText('changed', { exact: true }).waitFor();
    await page.keyboard.press('Control+3');
    await page.keyboard.press('Control+5');
    await answer(page).getByText('Compared with rc1.').waitFor();
    await page.getByRole('combobox', { name: 'Release candidate to compare with' }).click();
    await page.getByRole('option', { name: 'the usual one: rc2' }).click();
    await answer(page).getByText('Compared with rc2.').waitFor();
  });

  test('too little history leads to the runs that could be accepted', async () => {
    const page = shown();
    await questions(page).getByRole('button', { name: 'Accept runs of rc2' }).last().click();
    await page
      .getByRole('grid', { name: 'Runs' })
      .getByRole('row', { name: /release-check rc2/ })
      .first()
      .waitFor();
    await page.getByText(/^3 of \d+ runs$/).waitFor();
    await page.keyboard.press('Control+5');
    await questions(page).getByRole('button', { name: 'Run release-check' }).click();
    await page.getByText('No workspace is open, so release-check cannot be run.').waitFor();
  });

  test('the sheet is a file of its own', async () => {
    const page = shown();
    await answer(page).getByText('Compared with rc2.').waitFor();
    const downloading = page.waitForEvent('download', { timeout: patience });
    await page.getByRole('button', { name: 'Export the sheet…' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/\.html$/);
    const file = join(folder, 'sheet.html');
    await download.saveAs(file);
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*rc3/i);
  });

  test('trends: verdicts, durations, recovery and metrics over the releases; a click opens the run', async () => {
    const page = shown();
    await card(page, 'release-check').getByRole('button', { name: 'Trend' }).click();
    await page.getByRole('slider', { name: 'Verdicts of the runs' }).waitFor({ timeout: patience });
    expect(Number(await page.getByRole('slider', { name: 'Verdicts of the runs' }).getAttribute('aria-valuemax'))).toBeGreaterThanOrEqual(
      15,
    );
    await page.getByRole('slider', { name: 'Duration of the run, run by run' }).waitFor();
    await page.getByRole('slider', { name: /^Recovery from “kill/ }).waitFor();
    // What rc2 made slower stands first among the steps.
    const steps = page.getByRole('region', { name: /^Steps/ }).getByRole('heading', { level: 3 });
    await expect.poll(() => steps.first().innerText()).toMatch(/outage|internal_latency|STATE == READY/);
    await page.getByRole('slider', { name: 'Duration of the run, run by run' }).locator('svg').first().waitFor();
    await expectAccessible(page);
    await switchTheme(page);
    await expectAccessible(page);
    await switchTheme(page);

    const recovery = page.getByRole('slider', { name: /^Recovery from “kill/ });
    await recovery.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('PageUp');
    expect(await recovery.getAttribute('aria-valuetext')).toMatch(/^\d{4}-.*, rc2: \d+(\.\d+)? s, failed, undecided$/);
    await readout(page).getByText('rc2').waitFor();
    await page.keyboard.press('Enter');
    await page
      .getByRole('status')
      .filter({ hasText: /Not live.*release-check, release rc2/ })
      .waitFor();
    await page.keyboard.press('Control+5');
    await recovery.waitFor();
  });

  test('metrics and steps are chosen by searching, and remembered', async () => {
    const page = shown();
    await page.getByRole('region', { name: /^Metrics/ }).waitFor();
    await page.keyboard.press('m');
    const search = page.getByRole('combobox', { name: 'Metrics' });
    await search.fill('secondary.book');
    await page.getByRole('option', { name: 'MatchingEngineSecondary.book_depth' }).click();
    await page.getByRole('slider', { name: /MatchingEngineSecondary\.book_depth, run by run$/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('d');
    await page.getByRole('combobox', { name: 'Steps' }).fill('note killing');
    await page
      .getByRole('option', { name: /note killing/ })
      .first()
      .click();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: /^Steps \(7 of \d+\)$/ }).waitFor();
    await page.keyboard.press('Control+3');
    await page.keyboard.press('Control+5');
    await page.getByRole('slider', { name: /MatchingEngineSecondary\.book_depth, run by run$/ }).waitFor();
    await page.getByRole('region', { name: /^Steps \(7 of \d+\)$/ }).waitFor();
    expect(opened?.failures).toEqual([]);
  });
});

describe.skipIf(missingChromium)('trends of a history of which the truth is known', { timeout: 2 * patience }, () => {
  let folder: string;
  let opened: ConsolePage;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-trends-view-'));
    const archive = join(folder, 'archive');
    mkdirSync(archive);
    await recordMadeHistory(archive);
    opened = await openConsole({ archive });
    page = opened.page;
    await showReleases(page);
    await candidates(page).focus();
    await page.keyboard.press('t');
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('slow drift is told, and leads to its chart, where it is told again', async () => {
    const drift = page.getByRole('region', { name: 'Drift' });
    const told = drift.getByRole('button', { name: /^Duration of “start the gateway” grows by \d+ ms from run to run, over 27 runs\.$/ });
    await told.click({ timeout: patience });
    const chart = page.getByRole('slider', { name: '“start the gateway”, run by run' });
    await expect.poll(() => chart.evaluate((element) => element === document.activeElement)).toBe(true);
    await page
      .getByRole('article')
      .filter({ has: chart })
      .getByText(/grows by \d+ ms from run to run/)
      .waitFor();
    expect(await drift.getByText('wait 2s').count()).toBe(0);
    await expectAccessible(page);
  });

  test('runs of one revision that did not end alike are listed with rate and interval, and lead to the run', async () => {
    const region = page.getByRole('region', { name: 'Runs that disagree with themselves' });
    await region
      .getByText(/did not pass 2 of 9 times with nothing changed: 22 %, with 95 % confidence between \d+ % and \d+ %\./)
      .waitFor();
    expect(await region.getByRole('button').count()).toBe(2);
    await region.getByRole('button').first().click();
    await page
      .getByRole('status')
      .filter({ hasText: /Not live.*failover/ })
      .waitFor();
    await page.keyboard.press('Control+5');
    await region.waitFor();
  });

  test('hover tells run, release, value and decision in every chart; hostile names are text', async () => {
    const chart = page.getByRole('slider', { name: 'Duration of the run, run by run' });
    const box = await chart.boundingBox();
    if (!box) throw new Error('the chart is not drawn');
    await page.mouse.move(box.x + box.width - 14, box.y + box.height / 2);
    await expect.poll(() => chart.getAttribute('aria-valuenow')).toBe(String(madeRuns));
    await chart.getByText(/, <b>rc3<\/b>$/).waitFor();
    await chart.getByText('passed, undecided').waitFor();
    expect(await page.getByRole('slider', { name: 'Verdicts of the runs' }).getAttribute('aria-valuenow')).toBe(String(madeRuns));
    await readout(page).getByText('<b>rc3</b>').waitFor();
    expect(await page.locator('main b').count()).toBe(0);
    expect(opened.failures).toEqual([]);
  });

  test('a limit leaves the oldest runs out', async () => {
    await page.getByRole('combobox', { name: 'How many runs at most' }).click();
    await page.getByRole('option', { name: 'newest 25 runs' }).click();
    await expect.poll(() => page.getByRole('slider', { name: 'Verdicts of the runs' }).getAttribute('aria-valuemax')).toBe('25');
  });
});

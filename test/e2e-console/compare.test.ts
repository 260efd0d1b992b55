/** The Compare view on the recorded history of the demo: a candidate is judged, its findings explained, followed into the run, reported. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, missingChromium, openConsole, patience, waitForEnvironment, type ConsolePage } from './console-page.ts';
import { expectStanding } from './run-operator.ts';

describe.skipIf(missingChromium)('the Compare view', { timeout: 2 * patience }, () => {
  let folder: string;
  let opened: ConsolePage | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-compare-view-'));
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
  const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' }).getByRole('heading');
  const findings = (page: Page) => page.getByRole('treegrid', { name: 'Findings' });
  const evidence = (page: Page) => page.getByRole('region', { name: 'Evidence' });
  const candidate = (page: Page) => page.getByRole('combobox', { name: /^Candidate/ });

  /** Chooses a run by words of its entry in the list. */
  async function chooseCandidate(page: Page, words: RegExp, which: 'newest' | 'oldest' = 'newest'): Promise<void> {
    await candidate(page).fill('');
    const options = page.getByRole('option', { name: words });
    await (which === 'newest' ? options.first() : options.last()).click();
  }

  const widthOfCandidates = async (page: Page): Promise<number | undefined> =>
    (await page.getByRole('grid', { name: 'Steps' }).getByRole('columnheader', { name: 'Candidate' }).boundingBox())?.width;

  /** Draws the edge of a column of the steps to the right; its width then. */
  async function widenSteps(page: Page): Promise<number> {
    const edge = page.getByRole('separator', { name: 'Width of Candidate' });
    await edge.hover();
    const before = await widthOfCandidates(page);
    const box = await edge.boundingBox();
    if (!box || before === undefined) throw new Error('the steps are not shown');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    // A hand leaves the edge, and the grid, on its way.
    await page.mouse.move(x + 60, y - 200, { steps: 4 });
    await page.mouse.move(x + 40, y, { steps: 2 });
    await page.mouse.up();
    await page.mouse.move(x + 90, y);
    await expect.poll(() => widthOfCandidates(page)).toBe(before + 40);
    return before + 40;
  }

  test('without runs it says what it is for, and takes the sample history in', async () => {
    const page = shown();
    await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Compare' }).click();
    await page.getByText('No finished run is in the archive yet').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Take in the sample history' }).click();
    await candidate(page).waitFor({ timeout: patience });
    await expect.poll(() => candidate(page).inputValue(), { timeout: patience }).toMatch(/rc3/);
  });

  test('a candidate that fails is judged against the accepted runs of the release before', async () => {
    const page = shown();
    await chooseCandidate(page, /^rc2 +release-check/);
    await expect.poll(() => verdict(page).innerText(), { timeout: patience }).toBe('changed');
    await page.getByRole('region', { name: 'Verdict' }).getByText(/rc1/).first().waitFor();
    await page.getByRole('button', { name: /baseline runs$/ }).click();
    await page.getByRole('region', { name: 'Compared runs' }).getByText('accepted').first().waitFor();
    await page.getByRole('button', { name: /baseline runs$/ }).click();
    await page.getByRole('button', { name: /conditions? differ|Same conditions/ }).click();
    await page.getByRole('region', { name: 'Conditions' }).getByRole('table').waitFor();
    await page.getByRole('button', { name: /conditions? differ|Same conditions/ }).click();
    await expectAccessible(page);
  });

  test('by keyboard from finding to finding; each shows its evidence', async () => {
    const page = shown();
    await findings(page).focus();
    await page.keyboard.press('Home');
    const first = await evidence(page).getByRole('heading').first().innerText();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => evidence(page).getByRole('heading').first().innerText()).not.toBe(first);
    await page.getByRole('combobox', { name: 'Kind of finding' }).click();
    await page.getByRole('option', { name: /^Metrics/ }).click();
    await findings(page).focus();
    await page.keyboard.press('Home');
    await evidence(page)
      .getByRole('img', { name: /^Candidate .*baseline runs from/ })
      .waitFor();
    await evidence(page)
      .getByRole('img', { name: /over each other$/ })
      .waitFor({ timeout: patience });
    await evidence(page)
      .getByText(/baseline runs? ha(s|ve) this number/)
      .waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Control+Alt+t');
    await expectAccessible(page);
    await page.keyboard.press('Control+Alt+t');
    await page.getByRole('combobox', { name: 'Kind of finding' }).click();
    await page.getByRole('option', { name: /^Metrics/ }).click();
  });

  test('a step shows only what is about it', async () => {
    const page = shown();
    const all = await findings(page).getAttribute('aria-rowcount');
    await page.getByRole('grid', { name: 'Steps' }).getByRole('row', { name: /kill/ }).first().click();
    await page.getByRole('button', { name: /^Only step/ }).waitFor();
    await page.getByRole('button', { name: /^Only step/ }).click();
    await expect.poll(() => findings(page).getAttribute('aria-rowcount')).toBe(all);
  });

  test('a finding is explained, found by its cause, hidden, and the cause taken back', async () => {
    const page = shown();
    await findings(page).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('t');
    const dialog = page.getByRole('dialog');
    const tag = dialog.getByRole('button', { name: 'Tag the finding' });
    // Nothing is chosen beforehand, and a cause alone tells nobody why.
    expect(await dialog.getByRole('combobox', { name: 'Cause' }).inputValue()).toBe('');
    await dialog.getByRole('combobox', { name: 'Cause' }).click();
    await page.getByRole('option', { name: 'product defect' }).click();
    expect(await tag.isDisabled()).toBe(true);
    await dialog.getByLabel(/^Reference/).fill('EX-1742');
    // One cause can be told about all that is not explained yet.
    await dialog.getByRole('checkbox', { name: /^Also tag the/ }).check();
    await dialog.getByRole('button', { name: /^Tag \d+ findings$/ }).waitFor();
    await dialog.getByRole('checkbox', { name: /^Also tag the/ }).uncheck();
    await expectAccessible(page);
    await page.keyboard.press('Control+Enter');
    await findings(page).getByText('product defect, EX-1742').waitFor();
    await page.getByLabel('Filter findings').fill('ex-1742');
    await page.getByText(/^1 of \d+$/).waitFor();
    await page.getByRole('checkbox', { name: 'Hide explained' }).check();
    await page.getByText('The filter lets nothing through').waitFor();
    await page.getByRole('button', { name: 'Show all findings' }).click();
    await page.keyboard.press('Control+p');
    await page.getByRole('button', { name: 'Show what was said about the run' }).click();
    await page.getByRole('button', { name: 'Take back: product defect, EX-1742' }).click();
    await page.getByText(/taken back .* by/).waitFor();
    await page.keyboard.press('Escape');
    await findings(page).getByText('product defect, EX-1742').waitFor({ state: 'detached' });
  });

  test('the run is opened at the step of the finding, and can be rejected there', async () => {
    const page = shown();
    await page.getByLabel('Filter findings').fill('kill');
    await findings(page).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('o');
    await page
      .getByRole('status')
      .filter({ hasText: /Not live.*release-check, release rc2/ })
      .waitFor();
    // It is the moment of the step, not the end of the run.
    await page
      .getByRole('status')
      .filter({ hasText: /^Running$/ })
      .waitFor();
    await page.locator('[data-run-step]').filter({ hasText: 'kill -9 MatchingEnginePrimary' }).waitFor();
    await page.locator('.view-line').filter({ hasText: 'kill -9 MatchingEnginePrimary' }).waitFor();
    await page.getByRole('button', { name: 'Decision: undecided' }).click();
    await page.getByRole('menuitem', { name: 'Reject…' }).click();
    await page.getByLabel(/^Why/).fill('the failover is too slow');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Decision: rejected' }).waitFor();
    await page.keyboard.press('Control+4');
    await page.getByLabel('Filter findings').fill('');
    await page.getByRole('button', { name: 'Decision: rejected' }).waitFor();
  });

  test('the report is a file of its own', async () => {
    const page = shown();
    const downloading = page.waitForEvent('download', { timeout: patience });
    await page.keyboard.press('Control+e');
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/\.html$/);
    const file = join(folder, 'report.html');
    await download.saveAs(file);
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/i);
  });

  test('rc1 against rc1 is quiet, and green', async () => {
    const page = shown();
    await chooseCandidate(page, /^rc1 +release-check/, 'oldest');
    await page.getByText(/^Compared with \d+ accepted runs of rc1, the release under test itself; no other release/).waitFor();
    await expect.poll(() => verdict(page).innerText(), { timeout: patience }).toBe('no change');
    expect(await page.getByRole('region', { name: 'Verdict' }).getAttribute('data-tone')).toBe('ok');
    await expectAccessible(page);
  });

  test('a release without accepted runs leads into the archive, where several runs are accepted at once', async () => {
    const page = shown();
    await chooseCandidate(page, /^rc3 +release-check/);
    await page.getByRole('combobox', { name: 'Release of the baseline' }).click();
    await page.getByRole('option', { name: /^rc2 / }).click();
    await page.getByText('No run of rc2 is accepted yet').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Show the runs of rc2 in the Archive' }).click();
    const runs = page.getByRole('grid', { name: 'Runs' });
    await runs
      .getByRole('row', { name: /release-check rc2/ })
      .first()
      .waitFor();
    await runs.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.getByRole('region', { name: 'Chosen runs' }).getByRole('button', { name: 'Accept…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Accept' }).click();
    await page.getByText('3 runs accepted.').waitFor();
    await page.getByRole('combobox', { name: 'Decision' }).click();
    await page.getByRole('option', { name: 'accepted' }).click();
    await page.getByText(/^3 of \d+ runs$/).waitFor();
    await expectAccessible(page);
  });

  test('three accepted runs are no history: differences are told, and nothing is green', async () => {
    const page = shown();
    await page.keyboard.press('Control+4');
    await expect.poll(() => verdict(page).innerText(), { timeout: patience }).toBe('no comparable history');
    expect(await page.getByRole('region', { name: 'Verdict' }).getAttribute('data-tone')).toBe('not-live');
    expect(await findings(page).getByText('confirmed', { exact: true }).count()).toBe(0);
    await expectAccessible(page);
  });

  test('two chosen runs of the archive are set against each other', async () => {
    const page = shown();
    await page.keyboard.press('Control+3');
    const rows = page.getByRole('grid', { name: 'Runs' }).getByRole('row', { name: /release-check/ });
    await rows.first().click();
    await rows.nth(1).click({ modifiers: ['Control'] });
    await page.getByRole('region', { name: 'Chosen runs' }).getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('combobox', { name: 'Baseline run' }).waitFor();
    await expect.poll(() => verdict(page).innerText(), { timeout: patience }).toBe('no comparable history');
    expect(opened?.failures).toEqual([]);
  });

  test('a run that has just ended is accepted and compared from the Run view; the choice and the columns of the steps are remembered with the workspace', async () => {
    const page = shown();
    await page.keyboard.press('Control+1');
    await page.getByRole('toolbar', { name: 'Run' }).getByRole('button', { name: 'Return to live' }).click();
    await page.getByRole('button', { name: 'Start the demo' }).click();
    await waitForEnvironment(page);
    // Before a run of rc1 the third question has what Compare would have: the accepted runs of rc1 itself.
    await page.getByRole('treeitem', { name: 'release-check', exact: true }).click();
    await page.getByText(/^To compare with: \d+ accepted runs of rc1, the release under test itself; .*passed\)$/).waitFor();
    await page.getByRole('treeitem', { name: 'failover', exact: true }).click();
    await page.getByRole('tab', { name: 'failover.scn', selected: true }).waitFor();
    await page.keyboard.press('F5');
    await page.getByRole('dialog').getByRole('button', { name: 'Start the run' }).click();
    await expectStanding(page, /Passed/);
    await page.getByRole('button', { name: 'Decision: undecided' }).click();
    await page.getByRole('menuitem', { name: 'Accept…' }).click();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Decision: accepted' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Compare this run' }).click();
    await expect.poll(() => candidate(page).inputValue()).toMatch(/^rc1 +failover .*accepted/);
    const chosen = await candidate(page).inputValue();
    await page.getByRole('combobox', { name: 'Kind of baseline' }).click();
    await page.getByRole('option', { name: 'one run' }).click();
    await page.getByRole('region', { name: 'Verdict' }).waitFor();
    const width = await widenSteps(page);
    // The layout is saved a moment later; what is not saved then is saved when the page goes.
    await page.waitForTimeout(1_000);
    await page.reload();
    await page.getByRole('button', { name: 'Start the demo' }).click();
    await waitForEnvironment(page);
    await page.keyboard.press('Control+4');
    await page.getByRole('combobox', { name: 'Baseline run' }).waitFor();
    expect(await candidate(page).inputValue()).toBe(chosen);
    await expect.poll(() => widthOfCandidates(page)).toBe(width);
    expect(opened?.failures).toEqual([]);
  });
});

describe.skipIf(missingChromium)('the third question of a run of the demo, with the sample history', { timeout: 3 * patience }, () => {
  let opened: ConsolePage;
  beforeAll(async () => {
    opened = await openConsole({ arguments: ['--demo'] });
    await waitForEnvironment(opened.page);
  }, 2 * patience);
  afterAll(() => opened?.dispose());

  const third = (page: Page) =>
    page.getByRole('region', { name: 'The three questions' }).locator('section', { hasText: 'previous release candidate' });

  /** Another console says of one accepted run of rc1 that it is none to compare with. */
  async function rejectElsewhere(): Promise<void> {
    const other = await opened.context.newPage();
    await other.goto(opened.origin);
    await waitForEnvironment(other);
    await other.keyboard.press('Control+3');
    await other.getByLabel('Filter runs').fill('release-check rc1 accepted');
    await other.getByText(/^16 of \d+ runs$/).waitFor();
    await other
      .getByRole('row', { name: /release-check rc1/ })
      .first()
      .click();
    await other.keyboard.press('Control+Alt+x');
    await other.getByRole('dialog').getByLabel(/^Why/).fill('the host was busy');
    await other.keyboard.press('Control+Enter');
    await other.getByText('1 run rejected.').waitFor();
    await other.close();
  }

  test('names the release and why, follows what is decided meanwhile, and leads to the same in Compare', async () => {
    const { page } = opened;
    await page.keyboard.press('F1');
    await page.getByPlaceholder('What do you want to do?').fill('sample history');
    await page.getByRole('button', { name: 'Load the sample history' }).click();
    await page.getByText(/runs of the sample history are in the archive/).waitFor({ timeout: patience });
    await page.getByRole('treeitem', { name: 'release-check', exact: true }).click();
    await page.getByText(/^To compare with: 16 accepted runs of rc1, the release under test itself; .*passed\)$/).waitFor();
    // A check that a busy machine does not meet is a result of the run, and no matter of this test.
    await page.getByRole('combobox', { name: 'What happens when a step fails' }).click();
    await page.getByRole('option', { name: 'on error: continue' }).click();
    await page.keyboard.press('F5');
    await page.getByRole('dialog').getByRole('button', { name: 'Start the run' }).click();
    await expectStanding(page, /Passed|Failed/);

    const why = 'of rc1, the release under test itself; no other release has accepted runs.';
    await third(page)
      .getByText(/^rc1: 16 passed/)
      .waitFor();
    await third(page).getByText(`Compared with 16 accepted runs ${why}`).waitFor();
    await rejectElsewhere();
    await third(page)
      .getByText(/^rc1: 15 passed/)
      .waitFor();
    await third(page).getByText(`Compared with 15 accepted runs ${why}`).waitFor();

    await page.getByRole('button', { name: 'Compare this run' }).click();
    const candidate = page.getByRole('combobox', { name: /^Candidate/ });
    await expect.poll(() => candidate.inputValue(), { timeout: patience }).toMatch(/^rc1 +release-check/);
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await verdict.getByText(`Compared with 15 accepted runs ${why}`.slice(0, -1)).waitFor({ timeout: patience });
    expect(opened.failures).toEqual([]);
  });
});

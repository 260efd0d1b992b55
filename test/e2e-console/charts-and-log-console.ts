/** What the specs of charts and log share: a console on the living demo exchange, and asking its core as the page does. */
import type { Page } from 'playwright-core';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { ask } from './charts-and-log-core.ts';
import { accessibilityIssues, openConsole, waitForEnvironment, type ConsolePage, type ConsolePageOptions } from './console-page.ts';

export interface DemoConsole extends ConsolePage {
  readonly demo: MethodResponse<'demo.start'>;
}

/** Opens the console on the demo exchange and waits until it is connected. */
export async function openDemoConsole(options: ConsolePageOptions = {}): Promise<DemoConsole> {
  const opened = await openConsole({ ...options, arguments: ['--demo'] });
  try {
    await waitForEnvironment(opened.page);
    const [release = 'rc1'] = (await ask(opened.page, 'core.information', {})).demoReleases;
    return { ...opened, demo: await ask(opened.page, 'demo.start', { release }) };
  } catch (failure) {
    await opened.dispose();
    throw failure;
  }
}

/** What axe-core finds within a panel of the Run view; the rest of the window has specs of its own. */
export async function accessibilityIssuesOf(page: Page, panel: string): Promise<string[]> {
  const issues = await accessibilityIssues(page);
  const inPanel = await page.locator(`[data-panel="${panel}"]`).evaluate((element) => element.outerHTML);
  return issues.filter((issue) => {
    const html = issue.slice(issue.indexOf(': ') + 2, issue.lastIndexOf(' — '));
    return inPanel.includes(html.slice(0, 100));
  });
}

/** `testops campaign flaky`: tests of an environment that disagree with themselves at one revision, and how often. */
import { resolve } from 'node:path';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { counted } from '#shared/wording/counts.ts';
import { quantityRange, quantityText } from '#shared/wording/quantities.ts';
import { withCore } from '../core-access.ts';
import { formatTable, inert } from '../terminal.ts';

type Flaky = MethodResponse<'tests.flaky'>['tests'][number];

export function flaky(options: {
  readonly environment: string;
  readonly json?: boolean;
  readonly trust?: boolean;
  readonly archive: string | undefined;
}): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const told = await core.request('tests.flaky', { environmentFile: resolve(options.environment) });
    if (options.json) return terminal.line(JSON.stringify(told));
    if (told.tests.length === 0) return terminal.line('No test has disagreed with itself at one revision.');
    const rows = told.tests.map((each) => [each.suite, each.test, each.flakiness.judgement, rateText(each), lastText(each)]);
    for (const line of formatTable([['SUITE', 'TEST', 'JUDGEMENT', 'FAILS', 'LAST'], ...rows])) terminal.line(inert(line));
    const more = told.total.tests - told.tests.length;
    if (more > 0) terminal.line(terminal.colours.dim(`and ${counted(more, 'more test')}`));
  });
}

function rateText({ flakiness: { rate, low, high } }: Flaky): string {
  return rate === null ? '' : `${quantityText(100 * rate, '%')} (${quantityRange(100 * low, 100 * high, '%')})`;
}

function lastText({ last, quarantined }: Flaky): string {
  return [...(last ? [`${last.revision}, ${last.campaign}`] : []), ...(quarantined ? ['in quarantine'] : [])].join(', ');
}

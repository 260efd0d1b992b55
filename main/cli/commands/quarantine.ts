/** `testops quarantine list|check|add|extend|remove`: the tests that are known to be intermittent, in quarantine.yaml of the workspace. */
import { resolve } from 'node:path';
import { readQuarantine, throwFirst } from '#main/core/campaigns/files/campaign-files.ts';
import { withEntry, withExtension, withoutEntry } from '#main/core/campaigns/files/quarantine-edit.ts';
import { changeQuarantine } from '#main/core/campaigns/files/quarantine-file.ts';
import type { QuarantineEntry } from '#shared/campaign/plan.ts';
import { counted } from '#shared/wording/counts.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable, inert, Terminal } from '../terminal.ts';

export interface QuarantineOptions {
  readonly workspace: string;
  readonly json?: boolean;
}

export interface NewEntryOptions extends QuarantineOptions {
  readonly owner: string;
  readonly reason: string;
  readonly reference?: string;
  readonly days: number;
}

const dayLength = 24 * 3_600_000;

export async function listQuarantine({ workspace, json }: QuarantineOptions): Promise<void> {
  const terminal = new Terminal();
  const { entries, problems } = await readQuarantine(resolve(workspace));
  throwFirst(problems);
  if (json) return terminal.line(JSON.stringify(entries));
  if (entries.length === 0) return terminal.line('No test is in quarantine.');
  const rows = entries.map((entry) => [entry.suite, entry.test, entry.owner, leftText(entry), entry.reason, entry.reference]);
  for (const line of formatTable([['SUITE', 'TEST', 'OWNER', 'EXPIRES', 'REASON', 'REFERENCE'], ...rows])) terminal.line(inert(line));
}

function leftText({ expires }: QuarantineEntry): string {
  const day = new Date(expires).toISOString().slice(0, 10);
  const left = Math.ceil((expires - Date.now()) / dayLength);
  return left <= 0 ? `${day}, over` : `${day}, ${counted(left, 'day')} left`;
}

/** Exit status 1 when an entry is over: campaigns fail for it. */
export async function checkQuarantine({ workspace }: QuarantineOptions): Promise<void> {
  const terminal = new Terminal();
  const { entries, problems } = await readQuarantine(resolve(workspace));
  for (const problem of problems) terminal.problem(problem);
  if (problems.some(({ severity }) => severity === 'error')) return void (process.exitCode = exitCodes.usage);
  const over = entries.filter(({ expires }) => expires <= Date.now());
  for (const { suite, test, owner, expires } of over) {
    const message = `${test} of ${suite} is in quarantine since too long: until ${new Date(expires).toISOString().slice(0, 10)}.`;
    terminal.problem({
      severity: 'error',
      code: 'quarantine-over',
      message,
      tip: `Ask ${owner}; mend it, extend it once, or take it out.`,
    });
  }
  if (over.length > 0) process.exitCode = exitCodes.failed;
  else terminal.line(`${counted(entries.length, 'test')} in quarantine, none of them for too long`);
}

export async function addEntry(suite: string, test: string, { workspace, owner, reason, reference, days }: NewEntryOptions): Promise<void> {
  const entry = { suite, test, owner, reason, days, ...(reference !== undefined && { reference }) };
  await changeQuarantine(workspace, (text) => withEntry(text, entry, Date.now()));
  new Terminal().line(
    `${inert(test)} of ${inert(suite)} is in quarantine for ${counted(days, 'day')}: it is executed, and does not decide.`,
  );
}

export async function extendEntry(
  suite: string,
  test: string,
  { workspace, days }: QuarantineOptions & { readonly days: number },
): Promise<void> {
  await changeQuarantine(workspace, (text) => withExtension(text, suite, test, days));
  new Terminal().line(`${inert(test)} of ${inert(suite)} is extended, once.`);
}

export async function removeEntry(suite: string, test: string, { workspace }: QuarantineOptions): Promise<void> {
  await changeQuarantine(workspace, (text) => withoutEntry(text, suite, test));
  new Terminal().line(`${inert(test)} of ${inert(suite)} decides again.`);
}

/** What a run's commands print becomes lines that can be compared, as bad as they say themselves. */
import { expect, test } from 'vitest';
import { PrintedLines, severityOf } from '#main/core/history/printed-lines.ts';
import { TemplateTable } from '#shared/analysis/log-templates.ts';
import { runRecordSchema } from '#shared/run/records.ts';

const command = 'afc8fe2c-e078-4659-b374-2a94e9820de5';

test.each([
  ['FAIL every order is known (93 of 2031 lost)', 'stdout', 'error'],
  ['FAIL', 'stdout', 'error'],
  ['[FAILED] case 7', 'stderr', 'error'],
  ['\u001b[31mError: no such book\u001b[0m', 'stdout', 'error'],
  ['not ok 3 - cancels', 'stdout', 'error'],
  ['FATAL out of memory', 'stdout', 'fatal'],
  ['Failed: 0, passed: 12', 'stdout', 'info'],
  ['failover took 3 ms', 'stdout', 'info'],
  ['errors 7', 'stdout', 'info'],
  ['ok   nothing failed', 'stdout', 'info'],
  ['warming up', 'stderr', 'warning'],
] as const)('%s on %s: %s', (text, stream, severity) => {
  expect(severityOf(text, stream)).toBe(severity);
});

test("a plugin's and a daemon's output are lines of the action, at the step that gave the command", () => {
  const table = new TemplateTable();
  const lines = new PrintedLines(table);
  const records = [
    { kind: 'output', command, stream: 'stderr', text: 'before it was given' },
    { kind: 'command-sent', execution: 14, command, daemon: 'INJ', action: 'exec_smoke', arguments: [] },
    { kind: 'output', command, stream: 'stdout', text: 'ok one\n\nFAIL two (3 of 7 lost)\n' },
    {
      kind: 'observation',
      daemon: 'INJ',
      epoch: '01a1fbeff08da743',
      number: 1,
      events: [{ kind: 'command-output', time: 1, command, stream: 'stdout', text: 'FAIL two (93 of 2031 lost)' }],
    },
  ].map((body, index) => runRecordSchema.parse({ sequence: index + 1, time: 1_000 + index, ...body }));
  for (const record of records) lines.take(record, '20');
  expect(table.templates()).toMatchObject([
    { component: 'exec_smoke', printed: true, severity: 'error', count: 2, example: 'FAIL two (3 of 7 lost)', step: '14' },
    { component: 'exec_smoke', severity: 'info', template: 'ok one', count: 1, step: '14' },
    { component: 'plugin', severity: 'warning', count: 1, step: '20' },
  ]);
});

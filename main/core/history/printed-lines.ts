/** What the commands of a run printed, as lines that comparisons read: a smoke test says in its output what was wrong, and in no log. */
import { withoutControl, type TemplateTable } from '#shared/analysis/log-templates.ts';
import type { LogTemplate } from '#shared/analysis/profile.ts';
import type { RunRecord } from '#shared/run/records.ts';
import type { OutputStream } from '#shared/protocol/observations.ts';
import { RecentMap } from '#shared/recent-map.ts';

/** Commands whose names are kept: the latest so many. */
const mostCommands = 10_000;
/** A verdict at the beginning, in brackets or not: `FAIL …`, `[ERROR] …`, `not ok 3`; a count of none (`Failed: 0`) is no failure. */
const verdict = /^[\s[(*#>-]*(?:(fatal)|fail|failed|failure|error|not ok)\b(?![\])\s]*[:=]?\s*0\b)/i;

interface SentCommand {
  readonly action: string;
  /** Number of the step that gave it. */
  readonly step: string | null;
}

/** How bad a line is by what it says itself; what goes to the error stream without saying so is a warning. */
export function severityOf(text: string, stream: OutputStream): LogTemplate['severity'] {
  const found = verdict.exec(withoutControl(text));
  if (found) return found[1] === undefined ? 'error' : 'fatal';
  return stream === 'stderr' ? 'warning' : 'info';
}

/** Takes the records of a run in their order, and puts what its commands printed into a table. */
export class PrintedLines {
  readonly #table: TemplateTable;
  readonly #commands = new RecentMap<string, SentCommand>(mostCommands);

  constructor(table: TemplateTable) {
    this.#table = table;
  }

  /** `step`: number of the step that runs. */
  take(record: RunRecord, step: string | null): void {
    if (record.kind === 'command-sent') this.#remember(record);
    else if (record.kind === 'output') this.#add(record, record.time, { action: 'plugin', step });
    else if (record.kind === 'observation') {
      for (const event of record.events) {
        if (event.kind === 'command-output') this.#add(event, record.time, { action: `daemon ${record.daemon}`, step });
      }
    }
  }

  #remember({ command, action, execution }: Extract<RunRecord, { kind: 'command-sent' }>): void {
    this.#commands.set(command, { action, step: execution === null ? null : String(execution) });
  }

  /** `unknown`: who printed it when the command was given before the log begins, or too long ago. */
  #add(
    output: { readonly command: string; readonly stream: OutputStream; readonly text: string },
    time: number,
    unknown: SentCommand,
  ): void {
    const { action, step } = this.#commands.get(output.command) ?? unknown;
    for (const text of output.text.split('\n')) {
      if (text.trim() === '') continue;
      this.#table.add({ component: action, printed: true, severity: severityOf(text, output.stream), text, time, step });
    }
  }
}

/** A start of a run as the terminal shows it: what is awaited is said when it is awaited, and Ctrl-C cancels it. */
import { randomUUID } from 'node:crypto';
import type { Core, MethodRequest, MethodResponse } from '#shared/contract/contract.ts';
import type { Terminal } from './terminal.ts';
import { secondsText } from '#shared/wording/durations.ts';

export class StartFollower {
  private readonly core: Core;
  private readonly terminal: Terminal;
  private readonly name = randomUUID();

  constructor(core: Core, terminal: Terminal) {
    this.core = core;
    this.terminal = terminal;
  }

  /** Starts the run; rejects when it is refused or cancelled, and nothing begins later. */
  async during(request: Omit<MethodRequest<'run.start'>, 'start'>): Promise<MethodResponse<'run.start'>> {
    const started = this.core.request('run.start', { ...request, start: this.name });
    let kind = '';
    const following = this.core.listen('run.starting', { start: this.name }, ({ awaited, left }) => {
      // One line for each thing that is awaited: a terminal may be a file.
      const what = awaited.replace(/, not reachable for .*$/, '');
      if (what === kind) return;
      kind = what;
      this.terminal.line(this.terminal.colours.dim(`Waiting for ${awaited}; at most ${secondsText(left, Math.ceil)} (Ctrl-C cancels) …`));
    });
    following.ended.catch(() => undefined);
    try {
      return await started;
    } finally {
      following.close();
    }
  }

  cancel(): void {
    this.core.request('run.decide-start', { start: this.name, decision: 'cancel' }).catch(() => undefined);
  }
}

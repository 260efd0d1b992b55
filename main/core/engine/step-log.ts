/** What the machine says of its own steps, as records: beginnings, ends with their durations, texts, conditions, pauses. */
import type { Recorder } from './recorder.ts';
import type { OutwardEffect } from './surroundings.ts';
import type { Clock } from '#platform/clock.ts';
import type { Breakpoint, MachineEffect } from '#shared/scenario/machine-contract.ts';

/** Effects that only tell; nothing is done about them but writing them down. */
export type TellingEffect = Exclude<MachineEffect, OutwardEffect | { kind: 'deferred' | 'prompt' | 'finished' }>;

export class StepLog {
  private readonly recorder: Recorder;
  private readonly clock: Clock;
  private readonly author: string;
  private lastPause: Extract<TellingEffect, { kind: 'paused' }> | null = null;
  private current: { readonly execution: number; readonly began: number } | null = null;

  constructor(recorder: Recorder, clock: Clock, author: string) {
    this.recorder = recorder;
    this.clock = clock;
    this.author = author;
  }

  /** Execution of the step that runs now; null between steps. */
  get execution(): number | null {
    return this.current?.execution ?? null;
  }

  record(effect: TellingEffect): void {
    const { recorder, execution } = this;
    switch (effect.kind) {
      case 'step-started':
        this.current = { execution: effect.step.execution, began: this.clock.monotonic() };
        recorder.record(effect);
        break;
      case 'step-finished': {
        const began = this.current?.began ?? this.clock.monotonic();
        this.current = null;
        recorder.record({ ...effect, duration: Math.max(0, this.clock.monotonic() - began) });
        break;
      }
      case 'echo':
        recorder.record({ kind: 'echo', execution: execution ?? 0, text: effect.text });
        break;
      case 'note':
        recorder.record({ kind: 'note', execution, text: effect.text, author: this.author });
        break;
      case 'variable':
        recorder.record({ kind: 'variable', execution, name: effect.name, value: effect.value });
        break;
      case 'condition':
        // A handler's condition belongs to no step; it is watched while others run.
        recorder.record({ ...effect, execution: effect.form === 'on' ? null : execution, values: { ...effect.values } });
        break;
      case 'paused':
        this.lastPause = effect;
        recorder.record(effect);
        break;
      case 'handler-fired':
      case 'resumed':
        recorder.record(effect);
        break;
    }
  }

  /** The pause goes on, but the step that comes next stands elsewhere now: its scenario was edited. */
  pausedAgain(position: Breakpoint | null): void {
    if (!this.lastPause) return;
    const { kind, reason, message } = this.lastPause;
    this.record({ kind, reason, message, ...(position && { position }) });
  }
}

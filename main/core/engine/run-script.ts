/** The program that a run executes, with its texts; an operator may change what was not executed yet. */
import { editBetween, editOfNew } from '#shared/run/edit-text.ts';
import type { RecordBody } from '#shared/run/records.ts';
import { kept } from '#shared/run/run-model.ts';
import { editProgram, type ProgramEdit } from '#shared/scenario/edit.ts';
import type { MachineState } from '#shared/scenario/machine-state.ts';
import type { Program } from '#shared/scenario/syntax.ts';

/** A changed text of one scenario, with everything that it calls. */
export interface PreparedEdit {
  readonly scenario: string;
  /** The texts that it was made from, as the engine gave them. */
  readonly base: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string>>;
  /** Of `texts`; without errors. */
  readonly program: Program;
}

type EditRecord = Extract<RecordBody, { kind: 'edited' }>;
type Edited =
  Exclude<ProgramEdit, { kind: 'edited' }> | (Extract<ProgramEdit, { kind: 'edited' }> & { readonly records: readonly EditRecord[] });

export class RunScript {
  program: Program;
  /** By scenario. A new object after every edit. */
  texts: Readonly<Record<string, string>>;
  private edits = 0;

  constructor(program: Program, texts: Readonly<Record<string, string>>) {
    this.program = program;
    this.texts = texts;
  }

  /** Takes a changed text if the machine's state allows it. Returns the state that goes with it, and what is to be recorded. */
  edit(state: MachineState, { scenario, base, texts, program }: PreparedEdit, operator: string): Edited {
    if (base !== this.texts) return { kind: 'refused', message: 'The scenario was changed meanwhile; look at it and change it again.' };
    const [before, after] = [textOf(this.texts, scenario), textOf(texts, scenario)];
    if (before === null || after === null) return { kind: 'refused', message: `The run has no scenario '${scenario}'.` };
    const edited = editProgram(state, scenario, { program: this.program, text: before }, { program, text: after });
    if (edited.kind === 'refused') return edited;
    const records = this.recordsOf(texts, operator);
    if (this.edits + records.length > kept.edits) {
      return { kind: 'refused', message: `A run takes no more than ${kept.edits} edits; end it and start the scenario as it is now.` };
    }
    this.edits += records.length;
    this.program = program;
    this.texts = texts;
    return { ...edited, records };
  }

  private recordsOf(texts: Readonly<Record<string, string>>, operator: string): EditRecord[] {
    return Object.entries(texts).flatMap(([scenario, text]) => {
      const before = textOf(this.texts, scenario);
      const edit = before === null ? editOfNew(text) : editBetween(before, text);
      if (!edit) return [];
      const { line, removed, added } = edit;
      return [{ kind: 'edited' as const, operator: operator.slice(0, 64), scenario, line, removed: [...removed], added: [...added] }];
    });
  }
}

function textOf(texts: Readonly<Record<string, string>>, scenario: string): string | null {
  return Object.hasOwn(texts, scenario) ? (texts[scenario] ?? null) : null;
}

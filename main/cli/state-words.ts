/** How a run stands at a moment, as lines for a terminal: where the script is, components, variables, conditions. */
import { formatTable, inert, type Colours } from './terminal.ts';
import { doubtInWords } from '#shared/run/presence-words.ts';
import { entriesOf, type RunState } from '#shared/run/run-state.ts';
import { countText } from '#shared/wording/counts.ts';

/** Lines of each kind at the most. */
const kept = 20;

export function stateWords(state: RunState, { bold, dim }: Colours): string[] {
  const lines: string[] = [];
  const block = (title: string, rows: readonly (readonly string[])[]): void => {
    if (rows.length === 0) return;
    lines.push(bold(title), ...formatTable(rows.slice(0, kept)).map((line) => `  ${line}`));
    if (rows.length > kept) lines.push(dim(`  … and ${countText(rows.length - kept)} more`));
  };
  block(
    'Script',
    state.callStack.map(({ scenario, line }) => [scenario, `line ${line + 1}`]),
  );
  block(
    'Components',
    [...entriesOf(state.components)].map(([name, { state: stands, pid, crashes }]) => [
      inert(name),
      inert(stands),
      pid === null ? '' : `pid ${pid}`,
      crashes > 0 ? `${crashes} crashed` : '',
    ]),
  );
  block(
    'Variables',
    [...entriesOf(state.variables)].map(([name, value]) => [inert(name), inert(value)]),
  );
  block(
    'Conditions',
    [...entriesOf(state.conditions)].map(([, { form, text, state: holds, doubt }]) => [
      form,
      inert(text),
      doubt ? `${holds}? ${doubtInWords(doubt)}` : holds,
    ]),
  );
  if (lines.length === 0) lines.push(dim('  Nothing has happened yet.'));
  return lines;
}

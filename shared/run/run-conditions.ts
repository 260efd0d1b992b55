/** The part of a run's state that holds what its conditions were found to be. */
import { entriesOf, withValue, type NameTable } from './name-table.ts';
import type { RecordOf } from './records.ts';
import type { RunCondition } from './run-model.ts';

/** Executions of a condition that are remembered; a retry follows the execution that it replaces. */
const remembered = 8;

/** What must hold: once it did not, nothing but a retry of the step makes that good. A limit has no step. */
function mustHold(form: RunCondition['form']): boolean {
  return form === 'expect' || form === 'wait' || form === 'limit';
}

/** A condition after it was looked at once more; `before` is what was known of it. */
export function takeCondition(before: RunCondition | undefined, record: RecordOf<'condition'>): RunCondition {
  const { form, text, state, values, execution, time } = record;
  const { misses, retried, missedIn } = before ?? { misses: 0, retried: 0, missedIn: [] };
  const latest = { state, values, execution, since: time };
  const known = { ...latest, form, text, misses, retried, missedIn, latest, ...(record.lost !== undefined && { lost: record.lost }) };
  if (!mustHold(form)) return known;
  if (state === 'not met') {
    const executions = execution === null ? missedIn : [...missedIn, execution].slice(-remembered);
    return { ...known, misses: misses + 1, missedIn: executions };
  }
  // That it holds in another round of a loop does not undo the round in which it did not; the values of that stay in sight.
  return before && misses > 0 ? { ...before, latest } : known;
}

/** The conditions when another try replaced an execution: what was not met in it is history. */
export function forgiveConditions(conditions: NameTable<RunCondition>, execution: number): NameTable<RunCondition> {
  let table = conditions;
  for (const [name, condition] of entriesOf(conditions)) {
    const { latest, missedIn, misses, retried } = condition;
    if (!missedIn.includes(execution)) continue;
    const forgiven = { ...condition, misses: misses - 1, retried: retried + 1, missedIn: missedIn.filter((each) => each !== execution) };
    // In the new try an `if` may have gone the other way: then the condition is open.
    const open = latest.execution === execution;
    table = withValue(table, name, misses > 1 ? forgiven : { ...forgiven, ...latest, ...(open && { state: 'pending' as const }) });
  }
  return table;
}

/** Which statement may follow which. Walks are iterative, so that no scenario is too long for them. */
import type { ScenarioStructure } from './structure.ts';
import type { Statement } from './syntax.ts';

export interface ControlFlow {
  /** For each statement the indexes of those that may come next; the count of statements stands for the end of the scenario. */
  readonly next: readonly (readonly number[])[];
  /** Statements that jump back by counting rounds; they make no endless circle. */
  readonly counted: ReadonlySet<number>;
  /** Statements that may end the run. */
  readonly stops: readonly boolean[];
}

/** Where control may go from each statement of a scenario, by index into its statements; their count stands for its end. */
export function controlFlow(structure: ScenarioStructure): ControlFlow {
  const { statements } = structure;
  const next = statements.map(({ index, statement }) => [...new Set(successors(structure, index, statement))]);
  return { next, counted: new Set(structure.repeatOfEnd.keys()), stops: statements.map(({ statement }) => mayStop(statement)) };
}

function successors(structure: ScenarioStructure, index: number, statement: Statement): number[] {
  const after = index + 1;
  const labelled = (label: string) => structure.labels.get(label) ?? after;
  switch (statement.kind) {
    case 'goto':
      return [labelled(statement.label.text)];
    case 'exit':
      return [];
    case 'on':
      return [after, labelled(statement.label.text)];
    case 'if':
      return [
        ...successors(structure, index, statement.then),
        ...(statement.otherwise ? successors(structure, index, statement.otherwise) : [after]),
      ];
    case 'repeat': {
      const end = structure.endOfRepeat.get(index);
      return end === undefined ? [after] : [after, end + 1];
    }
    case 'end': {
      const repeat = structure.repeatOfEnd.get(index);
      return repeat === undefined ? [after] : [repeat + 1, after];
    }
    default:
      return [after];
  }
}

function mayStop(statement: Statement): boolean {
  if (statement.kind === 'if') return mayStop(statement.then) || (statement.otherwise !== null && mayStop(statement.otherwise));
  return statement.kind === 'exit';
}

/** Which statements control can come to, beginning at `start`. */
export function reachedFrom(flow: ControlFlow, start: number): boolean[] {
  const reached = flow.next.map(() => false);
  const waiting = [start];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (reached[index] !== false) continue;
    reached[index] = true;
    waiting.push(...(flow.next[index] ?? []));
  }
  return reached;
}

/**
 * Groups of statements from each of which every other of the group can be reached without a counted jump (Tarjan's strongly
 * connected components); each in ascending order.
 */
export function circlesOf(flow: ControlFlow): number[][] {
  const count = flow.next.length;
  const targets = (index: number) =>
    (flow.next[index] ?? []).filter((target) => target < count && !(flow.counted.has(index) && target <= index));
  const order = Array.from({ length: count }, () => -1);
  const lowest = Array.from({ length: count }, () => 0);
  const isOpen = Array.from({ length: count }, () => false);
  const open: number[] = [];
  const circles: number[][] = [];
  let counter = 0;

  const enter = (index: number) => {
    order[index] = lowest[index] = counter;
    counter += 1;
    open.push(index);
    isOpen[index] = true;
    return { index, waiting: targets(index) };
  };
  const lower = (index: number, value: number | undefined) => (lowest[index] = Math.min(lowest[index] ?? 0, value ?? 0));
  const close = (index: number) => {
    const group = open.splice(open.lastIndexOf(index));
    for (const member of group) isOpen[member] = false;
    if (group.length > 1 || targets(index).includes(index)) circles.push(group.toSorted((left, right) => left - right));
  };

  for (let root = 0; root < count; root += 1) {
    if (order[root] !== -1) continue;
    const path = [enter(root)];
    for (let current = path.at(-1); current; current = path.at(-1)) {
      const target = current.waiting.pop();
      if (target === undefined) {
        path.pop();
        if (lowest[current.index] === order[current.index]) close(current.index);
        const parent = path.at(-1);
        if (parent) lower(parent.index, lowest[current.index]);
      } else if (order[target] === -1) path.push(enter(target));
      else if (isOpen[target]) lower(current.index, order[target]);
    }
  }
  return circles;
}

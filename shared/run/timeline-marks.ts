/** What of a run's records is worth going to: steps, faults, errors, changes of state. A mark is a record seen as one of these. */
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { faultText } from './injected-faults.ts';
import { presenceInWords } from './presence-words.ts';
import type { RunRecord } from './records.ts';
import { isTroubled } from './tries.ts';
import { isTrouble } from './timeline-records.ts';

export const markKinds = [
  /** A step began. */
  'step',
  'step-end',
  /** A command that took something down was given. */
  'fault',
  /** A step or check failed, a command could not be executed, something logged an error. */
  'error',
  'state',
  'crash',
  'note',
  'pause',
  'edit',
  /** Trouble of the run itself: records lost, the network or a daemon gone, the core started again. */
  'problem',
  'end',
] as const;
export type MarkKind = (typeof markKinds)[number];

/** Everything but the steps. */
export const eventKinds: readonly MarkKind[] = markKinds.filter((kind) => kind !== 'step' && kind !== 'step-end');

export interface Mark {
  readonly kind: MarkKind;
  readonly sequence: number;
  /** ms since 1970, as the timeline shows it. */
  readonly time: number;
  /** In a few words; as it came from elsewhere, so not to be trusted as text on a screen. */
  readonly label: string;
}

type Found = readonly [kind: MarkKind, label: string];

/** What a record is marked as; most are nothing. Whether a command is a fault indeed, only later records tell. */
export function marksOf(record: RunRecord): readonly Found[] {
  switch (record.kind) {
    case 'step-started':
      return [['step', `${record.step.number} ${record.step.text}`]];
    case 'step-finished': {
      const { step, state, message } = record;
      const end: Found = ['step-end', `${step.number} ${step.text}: ${state}`];
      return isTroubled(state) ? [end, ['error', `${step.text}: ${message ?? state}`]] : [end];
    }
    case 'condition':
      return record.form === 'expect' && record.state === 'not met' ? [['error', `not met: ${record.text}`]] : [];
    case 'command-sent': {
      const text = faultText(record);
      return text === null ? [] : [['fault', text]];
    }
    case 'command-failed':
      return [['error', record.message]];
    case 'note':
      return [['note', record.text]];
    case 'paused':
      return [['pause', `paused (${record.reason})`]];
    case 'edited':
      return [['edit', `${record.operator} edited ${record.scenario} from line ${record.line + 1}`]];
    case 'problem':
      return record.severity === 'information' ? [] : [['problem', record.message]];
    case 'gap':
      return record.state === 'lost' ? [['problem', `records ${record.from}–${record.to} of ${record.daemon} are lost`]] : [];
    case 'presence':
      return record.state === 'lost' || record.lastSign !== undefined ? [['problem', presenceInWords(record)]] : [];
    case 'link':
      return record.state === 'disconnected' ? [['problem', 'the router is gone']] : [];
    case 'recovered':
      return [['problem', record.message]];
    case 'observation':
      return record.events.flatMap(marksOfEvent);
    case 'run-finished':
      return [['end', `run ${record.outcome}`]];
    case 'run-started':
    case 'echo':
    case 'variable':
    case 'output':
    case 'command-finished':
    case 'deferred':
    case 'handler-fired':
    case 'prompt':
    case 'operator':
    case 'resumed':
    case 'control':
      return [];
  }
}

function marksOfEvent(event: DaemonEvent): readonly Found[] {
  switch (event.kind) {
    case 'component-crashed':
      return [['crash', `${event.component} crashed`]];
    case 'component-started':
      return [['state', `${event.component} RUNNING`]];
    case 'component-stopped':
      return [['state', `${event.component} STOPPED`]];
    case 'state':
      return [['state', `${event.component} ${event.state}`]];
    case 'log':
      return isTrouble(event) ? [['error', event.component === null ? event.text : `${event.component}: ${event.text}`]] : [];
    case 'notice':
      return isTrouble(event) ? [['error', event.text]] : [];
    case 'command-refused':
      return [['error', `${event.action} refused: ${event.reason}`]];
    case 'epoch-started':
    case 'series-declared':
    case 'columns-declared':
    case 'command-accepted':
    case 'command-output':
    case 'command-finished':
      return [];
  }
}

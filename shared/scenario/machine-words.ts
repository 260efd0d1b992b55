/** The words in which the machine tells how things went; apart, so that whoever lists them need not load the schemas. */

export const stepStates = ['waiting', 'running', 'passed', 'failed', 'error', 'timed out', 'skipped'] as const;
export type StepState = (typeof stepStates)[number];

export const runOutcomes = ['passed', 'failed', 'error', 'stopped', 'interrupted'] as const;
export type RunOutcome = (typeof runOutcomes)[number];

/** What happens when a step ends in failed, error or timed out: ask the operator, end the run, or go on. */
export const failurePolicies = ['pause', 'abort', 'continue'] as const;
export type FailurePolicy = (typeof failurePolicies)[number];

/** Statements that have a condition. */
export const conditionForms = ['expect', 'wait', 'on', 'if'] as const;
export type ConditionForm = (typeof conditionForms)[number];

export const conditionStates = ['pending', 'met', 'not met'] as const;
export type ConditionState = (typeof conditionStates)[number];

/** Why a run stands still. */
export const pauseReasons = ['operator', 'breakpoint', 'step', 'failure'] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** `deferred` while the undo commands run at the end. */
export const runPhases = ['main', 'deferred'] as const;
export type RunPhase = (typeof runPhases)[number];

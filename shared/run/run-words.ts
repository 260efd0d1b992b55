/** Lists of words that people choose from when they tell of a run; apart, so that whoever lists them need not load the schemas. */

/** `live` against an environment; `dry` executes nothing. */
export const runModes = ['live', 'dry'] as const;
export type RunMode = (typeof runModes)[number];

export const decisions = ['accepted', 'rejected', 'undecided'] as const;
export type Decision = (typeof decisions)[number];

/** Why a run differs from what was expected. */
export const causes = ['expected change', 'environment', 'product defect', 'test defect', 'unknown'] as const;
export type Cause = (typeof causes)[number];

/** What a report can be written as; `allure` is a folder of results, each of the others one text. */
export const reportFormats = ['html', 'junit', 'csv', 'openmetrics', 'allure', 'json'] as const;

/** What a breakpoint may not exceed; apart, so that the schemas of records need not load the language. */

/** Characters of a condition. */
export const longestBreakpointCondition = 2_000;
/** The largest number of times that a breakpoint may count to. */
export const mostHits = 1_000_000_000;

/** Types of test-summary.mjs, which is plain JavaScript because it runs before anything is set up. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** A test that passed only when it was tried again. */
export interface Retried {
  readonly file: string;
  readonly name: string;
  /** What went wrong first. */
  readonly failure: string;
}

export function summaryLines(report: Report, output: string, root: string, retried?: readonly Retried[]): string[];

/** What a check of the configuration finds wrong, and where in the tree of the file. */
import type { Path } from '#platform/configuration/places.ts';
import type { Problem } from '#shared/problem.ts';

export interface Finding {
  readonly path: Path;
  readonly code: string;
  /** A whole sentence. */
  readonly message: string;
  readonly tip?: string;
  readonly severity?: Problem['severity'];
}

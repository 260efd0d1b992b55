/** The lines of a series behind a finding: asked for when it is looked at for a moment, kept as long as it is. */
import { useEffect, useState } from 'react';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { createSession } from '../../stores/session.ts';
import type { EvidenceLine } from './overlay.ts';
import { useStores } from '../../stores/context.ts';

export type Evidence =
  | { readonly kind: 'reading' }
  | { readonly kind: 'read'; readonly lines: readonly EvidenceLine[] }
  | { readonly kind: 'failed'; readonly message: string };

export interface EvidenceQuestion {
  readonly runs: readonly RunId[];
  readonly series: string;
  readonly step: string | null;
}

/** Runs of which lines can be asked for at once. */
export const mostEvidenceRuns = 60;
const columns = 400;
/** ms that a finding must stay selected: moving through the list reads nothing. */
const patience = 120;

export function useEvidence(question: EvidenceQuestion): Evidence {
  const { currentCore } = useStores().get(createSession);
  const key = JSON.stringify(question);
  const [known, setKnown] = useState<{ readonly key: string; readonly evidence: Evidence } | null>(null);
  useEffect(() => {
    let wanted = true;
    const tell = (evidence: Evidence) => {
      if (wanted) setKnown({ key, evidence });
    };
    const asked: EvidenceQuestion = JSON.parse(key);
    const timer = setTimeout(() => {
      const answer = currentCore()?.request('runs.evidence', { ...asked, runs: [...asked.runs], columns });
      answer?.then(
        ({ lines }) => tell({ kind: 'read', lines }),
        (failure: unknown) => tell({ kind: 'failed', message: problemOf(failure).message }),
      );
    }, patience);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [key]);
  return known?.key === key ? known.evidence : { kind: 'reading' };
}

/** What people say about runs: decisions, causes, notes, bookmarks. The runs themselves never change. */
import type { MethodTable } from '../contract/method-tables.ts';
import type { HistoryParts } from './history-parts.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import type { RemarkBody } from '#shared/run/remarks.ts';

export function decisionService(parts: HistoryParts): MethodTable<'runs.remarks' | 'runs.remark'> {
  const { archive, remarks, changed } = parts;
  return {
    'runs.remarks': async ({ run }) => {
      await archive.show(run);
      return { remarks: [...(await remarks.of(run))] };
    },
    'runs.remark': async ({ run, remark }, caller) => {
      await assertSayable(parts, run, remark);
      const said = await remarks.add(run, parts.nameOf(caller), remark);
      changed();
      return { remark: said };
    },
  };
}

/** Only what has ended can be judged, and only what is whole can be a baseline. */
async function assertSayable({ archive }: HistoryParts, run: RunId, remark: RemarkBody): Promise<void> {
  const { manifest, problems } = await archive.show(run);
  if (remark.kind !== 'decision' || remark.decision === 'undecided') return;
  if (manifest.totals === null || manifest.outcome === null) {
    throw new ProblemError({
      code: 'run-not-finished',
      message: `The run ${run} has not been finished, so it cannot be ${remark.decision} yet.`,
      tip: 'Let it end, or recover it first.',
    });
  }
  if (remark.decision === 'rejected') return;
  if (manifest.mode === 'dry') {
    throw new ProblemError({ code: 'dry-run', message: `The run ${run} was a dry run: it executed nothing and is no baseline.` });
  }
  const [damage] = problems;
  if (damage) {
    throw new ProblemError({
      code: 'run-damaged',
      message: `The run ${run} is damaged and is no baseline: ${damage.message}`,
      tip: 'Import it again from its bundle if there is one.',
    });
  }
}

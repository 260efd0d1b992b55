/** The shipped sample history: what is said of rc1 against itself, and of the changes of rc2 and rc3. */
import path from 'node:path';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import type { Comparison, ComparedRun } from '#shared/analysis/comparison.ts';
import { removeFolder, temporaryFolder } from '../../main/core/archive/fixtures.ts';
import type { Figure } from '../figures.ts';

/** What changed in a release, as rows tell it; failed checks come before all that was measured. */
const changes: Readonly<Record<string, readonly RegExp[]>> = {
  rc2: [/takeover_time|until/, /MatchingEngineSecondary\.rss grew/],
  rc3: [/every acknowledged order/],
};

export async function sampleHistory(): Promise<Figure[]> {
  const folder = await temporaryFolder();
  const resources = path.join(import.meta.dirname, '..', '..', '..', 'resources');
  const core = await openCore({ archiveFolder: path.join(folder, 'archive'), home: path.join(folder, 'home'), resources });
  const console = connectInProcess(core);
  try {
    await console.request('samples.import', {});
    const { runs } = await console.request('scenario.trend', { scenario: 'release-check', series: [], limit: 100 });
    const first = runs.filter(({ release }) => release === 'rc1');
    const against = (candidate: ComparedRun): Promise<Comparison> => {
      const others = first.flatMap(({ run }) => (run === candidate.run ? [] : [run]));
      return console.request('runs.compare', { candidate: candidate.run, baseline: { kind: 'runs', runs: others } });
    };
    const same = await inTurn(first, against);
    const later = await inTurn(
      runs.filter(({ release }) => release in changes),
      against,
    );
    const flagged = same.filter(({ verdict }) => verdict === 'changed').length;
    const told = later.filter(({ candidate, findings }) =>
      (changes[candidate.release] ?? []).every((change) => findings.slice(0, 9).some(({ sentence }) => change.test(sentence))),
    ).length;
    return [
      {
        figure: `sample history, ${same.length} runs of rc1, each against the others: flagged`,
        ours: (100 * flagged) / same.length,
        unit: '%',
        target: '<= 8',
      },
      {
        figure: `— ${later.length} runs of rc2 and rc3: their changes among the first nine rows`,
        ours: (100 * told) / later.length,
        unit: '%',
        target: '>= 100',
      },
    ];
  } finally {
    await console.dispose();
    await core.dispose();
    await removeFolder(folder);
  }
}

async function inTurn<T>(runs: readonly ComparedRun[], ask: (run: ComparedRun) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (const run of runs) answers.push(await ask(run));
  return answers;
}

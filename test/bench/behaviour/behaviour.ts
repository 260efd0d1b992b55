/**
 * What the comparison says of runs that others have labelled, of the shipped sample history, and of log lines. The public sets are not
 * part of this project: the folder with copies of their repositories is told by TESTOPS_BEHAVIOUR_DATA, and what is not there is left
 * out. Alone: `node test/bench/behaviour/behaviour.ts`.
 */
import type { Figure } from '../figures.ts';
import { judgedSet } from './judged-set.ts';
import { groupingAccuracies } from './loghub.ts';
import { nezha } from './nezha.ts';
import { petShop } from './pet-shop.ts';
import { sampleHistory } from './sample-history.ts';
import { sockShop } from './sock-shop.ts';
import { workload } from './workload.ts';

export async function benchBehaviour(): Promise<readonly Figure[]> {
  const folder = process.env['TESTOPS_BEHAVIOUR_DATA'];
  const sets = folder === undefined ? [] : [sockShop, petShop, nezha, workload].flatMap((read) => read(folder));
  return [...(await sampleHistory()), ...sets.flatMap(judgedSet), ...(folder === undefined ? [] : templateFigures(folder))];
}

function templateFigures(folder: string): Figure[] {
  const accuracies = [...groupingAccuracies(folder).values()];
  if (accuracies.length === 0) return [];
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
  const figure = `Loghub-2k, ${accuracies.length} systems: mean grouping accuracy of the log templates, whose masks were made with these lines in view`;
  return [{ figure, ours: mean, unit: '', target: '>= 0.88', peer: { name: 'Drain, as published', value: 0.866 } }];
}

if (import.meta.main)
  console.table((await benchBehaviour()).map(({ figure, ours, target }) => ({ figure, ours: Number(ours.toPrecision(3)), target })));

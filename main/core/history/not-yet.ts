/** Answers of what is being built. */
import type { MethodTable } from '../method-tables.ts';
import type { Method } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';

export function notYet<M extends Method>(...methods: M[]): MethodTable<M> {
  const refuse = async (): Promise<never> => {
    throw new ProblemError({ code: 'not-available', message: 'This is not there yet.' });
  };
  return Object.fromEntries(methods.map((method) => [method, refuse])) as unknown as MethodTable<M>;
}

/** Problems as they come over the contract, where an absent part may be said to be undefined, as the console knows them. */
import type { z } from 'zod';
import type { problemSchema } from '#shared/contract/shapes.ts';
import type { Problem } from '#shared/problem.ts';

export function problemFrom({ severity, code, message, tip, file, range }: z.output<typeof problemSchema>): Problem {
  return { severity, code, message, ...(tip !== undefined && { tip }), ...(file !== undefined && { file }), ...(range && { range }) };
}

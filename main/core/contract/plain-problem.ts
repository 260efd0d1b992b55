/** Problems on their way to consoles. */
import type { Problem } from '#shared/problem.ts';

/** A problem as the contract carries it. */
export function asPlain({ severity, code, message, tip, file, range }: Problem): Problem {
  return { severity, code, message, ...(tip !== undefined && { tip }), ...(file !== undefined && { file }), ...(range && { range }) };
}

/**
 * Tokens with which consoles come in to a served core: a file with one line for each operator, `alice <token>`. Blank
 * lines and lines that begin with # are left out. The file must be readable by its owner only.
 */
import { readFile, stat } from 'node:fs/promises';
import { ProblemError } from '#shared/problem.ts';
import { sameSecret } from './admission.ts';

export interface OperatorToken {
  readonly operator: string;
  readonly token: string;
}

/** Reads a token file; every fault is one sentence that names the line. */
export async function readTokenFile(file: string): Promise<readonly OperatorToken[]> {
  const refuse = (message: string, tip: string): never => {
    throw new ProblemError({ code: 'bad-token-file', file, message, tip });
  };
  const { mode } = await stat(file).catch(() =>
    refuse('There is no such token file.', 'Make it with a line such as: alice <random token>.'),
  );
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) refuse('Others can read this token file.', `Run: chmod 600 ${file}`);
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim());
  const tokens = lines.flatMap((line, index): OperatorToken[] => {
    if (line === '' || line.startsWith('#')) return [];
    const [operator = '', token = '', ...rest] = line.split(/\s+/);
    if (rest.length > 0 || !/^[\w.@-]{1,64}$/.test(operator) || !/^[\w-]{32,256}$/.test(token)) {
      refuse(
        `Line ${index + 1} is not an operator's name and a token of at least 32 letters, digits, - or _.`,
        'Make a token with: openssl rand -hex 32.',
      );
    }
    return [{ operator, token }];
  });
  if (tokens.length === 0) refuse('This token file names nobody.', 'Add a line such as: alice <random token>.');
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length) {
    refuse('Two operators have the same token.', 'Give each operator a token of its own.');
  }
  return tokens;
}

/** Whose token this is; null: nobody's. Every entry is compared, so that the time tells nothing. */
export function operatorOfToken(tokens: readonly OperatorToken[], given: string): string | null {
  return tokens.reduce<string | null>((found, { operator, token }) => (sameSecret(given, token) ? operator : found), null);
}
